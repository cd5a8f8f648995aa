"""Prints test values that public packages ship, one a line: class, field name, whether form tells, value.

Nothing of the packages is kept: they are installed by the test, and read where they are.
"""

import doctest
import importlib
import re
import sys
from pathlib import Path

import phonenumbers

# Modules of python-stdnum with the class of their valid numbers, and a field's name; no class for what is nobody's.
STDNUM = {
    "iban": ("iban", "iban"),
    "kr.rrn": ("kr_rrn", "resident_no"),
    "kr.brn": ("kr_brn", "biz_no"),
    "us.ssn": ("ssn", "ssn"),
    "us.itin": ("itin", "itin"),
    "imei": ("device_id", "imei"),
    "bitcoin": ("wallet", "btc_address"),
    "gb.nhs": ("health_id", "nhs_number"),
    "mac": ("mac", "mac_address"),
    "isbn": ("", "isbn"),
    "ean": ("", "ean"),
    "issn": ("", "issn"),
    "isin": ("", "isin"),
    "lei": ("", "lei"),
    "cusip": ("", "cusip"),
    "imo": ("", "imo"),
    "isan": ("", "isan"),
    "isrc": ("", "isrc"),
    "meid": ("device_id", "meid"),
    "imsi": ("device_id", "imsi"),
    "es.iban": ("iban", "iban"),
    "no.iban": ("iban", "iban"),
    "de.idnr": ("national_id", "tax_id"),
    "pl.pesel": ("national_id", "pesel"),
    "it.codicefiscale": ("national_id", "codice_fiscale"),
    "in_.aadhaar": ("national_id", "aadhaar"),
}
# Classes of Presidio's example entities.
PRESIDIO = {
    "EMAIL_ADDRESS": ("email", "email"),
    "PHONE_NUMBER": ("phone", "phone"),
    "US_SSN": ("ssn", "ssn"),
    "CREDIT_CARD": ("pan", "card_number"),
    "IBAN_CODE": ("iban", "iban"),
    "IP_ADDRESS": ("ip", "ip"),
    "CRYPTO": ("wallet", "wallet_address"),
    "US_PASSPORT": ("passport", "passport_no"),
    "US_BANK_NUMBER": ("account", "account_no"),
    "PERSON": ("name", "full_name"),
    "LOCATION": ("address", "address"),
}
# Told by form: dashed, prefixed, or with check digits that alone would do.
FORM = re.compile(r"[-+ @.:]|^[A-Z]{2}\d{2}|^\d{15}$|^[13][A-Za-z0-9]{25,}$|^bc1|^BC1")
NAMED = {"national_id", "health_id", "passport", "account", "name", "address"}


def put(kind, name, text):
    told = kind not in NAMED and bool(FORM.search(text)) or kind == ""
    if text.isascii() and "\t" not in text and "\n" not in text:
        print(kind, name, int(told), text.strip(), sep="\t")


def stdnum():
    for module, (kind, name) in STDNUM.items():
        try:
            module = importlib.import_module(f"stdnum.{module}")
        except ImportError:
            continue
        for example in doctest.DocTestParser().get_examples(module.__doc__ or ""):
            call = re.match(r"validate\(['\"]([^'\"]+)['\"]\)\s*$", example.source.strip())
            if call and not example.exc_msg:
                put(kind, name, call.group(1))


def phones():
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                for form in (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL):
                    put("phone", "phone_number", phonenumbers.format_number(number, form))


def presidio(site):
    for page in site.glob("presidio_analyzer/**/*examples.yaml"):
        pairs = re.findall(r'extraction_class: "(\w+)"\s+extraction_text: "([^"]+)"', page.read_text())
        for kind, text in pairs:
            if kind in PRESIDIO:
                put(*PRESIDIO[kind], text)


stdnum()
phones()
presidio(Path(sys.prefix, "lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages"))
