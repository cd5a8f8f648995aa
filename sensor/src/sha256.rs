//! SHA-256 block by block (FIPS 180-4), for those who lay out their blocks themselves.

use sha2::compress256;
use sha2::digest::generic_array::GenericArray;

/// Octets of a block.
pub(crate) const BLOCK: usize = 64;

/// Initial hash value (FIPS 180-4 §5.3.3).
pub(crate) const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Takes whole blocks into `state`.
#[inline]
pub(crate) fn compress(state: &mut [u32; 8], octets: &[u8]) {
    for block in octets.chunks_exact(BLOCK) {
        compress256(state, std::slice::from_ref(GenericArray::from_slice(block)));
    }
}
