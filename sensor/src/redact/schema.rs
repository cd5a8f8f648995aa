//! Field numbers of the schema (`proto/apitap/v1/call.proto`) that are written without its generated code.

/// Of `CallRecord`.
pub(crate) mod record {
    pub(crate) const ID: u32 = 1;
    pub(crate) const PROTOCOL: u32 = 2;
    pub(crate) const API_STYLE: u32 = 3;
    pub(crate) const CLIENT: u32 = 4;
    pub(crate) const SERVER: u32 = 5;
    pub(crate) const DIRECTION: u32 = 6;
    pub(crate) const DIRECTION_BASIS: u32 = 7;
    pub(crate) const NETWORK: u32 = 8;
    pub(crate) const REQUEST: u32 = 9;
    pub(crate) const RESPONSE: u32 = 10;
    pub(crate) const OPERATION: u32 = 11;
    pub(crate) const ENTITIES: u32 = 12;
    pub(crate) const AUTH: u32 = 13;
    pub(crate) const OBJECTS: u32 = 14;
    pub(crate) const OBJECTS_TOTAL: u32 = 15;
    pub(crate) const FINDINGS: u32 = 16;
    pub(crate) const FINDINGS_TOTAL: u32 = 17;
    pub(crate) const SIGNALS: u32 = 18;
    pub(crate) const COMPLETENESS: u32 = 19;
    pub(crate) const SENSOR: u32 = 20;
    pub(crate) const ENCRYPTED_SESSION: u32 = 21;
    pub(crate) const SAMPLE_WEIGHT: u32 = 22;
    pub(crate) const WEBSOCKET_MESSAGE: u32 = 23;
    pub(crate) const GRPC: u32 = 24;
    pub(crate) const GRAPHQL: u32 = 25;
    pub(crate) const JSONRPC: u32 = 26;
    pub(crate) const SOAP: u32 = 27;
    pub(crate) const FORWARDED: u32 = 28;
    pub(crate) const REAL_CLIENT: u32 = 29;
    pub(crate) const STREAMING: u32 = 30;
    pub(crate) const SERVER_EVENT: u32 = 31;
    pub(crate) const TENANT: u32 = 33;
}

/// Of `Endpoint`.
pub(crate) mod endpoint {
    pub(crate) const IP: u32 = 1;
    pub(crate) const PORT: u32 = 2;
    pub(crate) const MAC: u32 = 3;
    pub(crate) const ZONE: u32 = 5;
    pub(crate) const ZONE_NAME: u32 = 6;
}

/// Of `Network`.
pub(crate) mod network {
    pub(crate) const INTERFACE: u32 = 1;
    pub(crate) const VLANS: u32 = 2;
    pub(crate) const TUNNELS: u32 = 3;
    pub(crate) const LINK: u32 = 4;
    pub(crate) const COMMUNITY_ID: u32 = 5;
    pub(crate) const TRANSPORT_SECURITY: u32 = 6;
}

/// Of `Tunnel`.
pub(crate) mod tunnel {
    pub(crate) const KIND: u32 = 1;
    pub(crate) const ID: u32 = 2;
}

/// Of `Forwarded`.
pub(crate) mod forwarded {
    pub(crate) const HOPS: u32 = 1;
    pub(crate) const PROTO: u32 = 2;
    pub(crate) const HOST: u32 = 3;
    pub(crate) const CONFLICT: u32 = 4;
}

/// Of `Forwarded.Hop`; the first two also of `Endpoint`.
pub(crate) mod hop {
    pub(crate) const IP: u32 = 1;
    pub(crate) const PORT: u32 = 2;
    pub(crate) const BY: u32 = 3;
    pub(crate) const TRUSTED: u32 = 4;
    pub(crate) const CERTIFICATE: u32 = 5;
}

/// Of `Sensor`.
pub(crate) mod sensor {
    pub(crate) const SEQUENCE: u32 = 5;
}

/// Of `Request`.
pub(crate) mod request {
    pub(crate) const START_TIME: u32 = 1;
    pub(crate) const END_TIME: u32 = 2;
    pub(crate) const METHOD: u32 = 3;
    pub(crate) const SCHEME: u32 = 4;
    pub(crate) const HOST: u32 = 5;
    pub(crate) const PORT: u32 = 6;
    pub(crate) const PATH_TEMPLATE: u32 = 7;
    pub(crate) const TEMPLATE_SOURCE: u32 = 8;
    pub(crate) const PATH_TOKEN: u32 = 9;
    pub(crate) const PATH_PARAMS: u32 = 10;
    pub(crate) const QUERY: u32 = 11;
    pub(crate) const HEADERS: u32 = 12;
    pub(crate) const COOKIES: u32 = 13;
    pub(crate) const BODY: u32 = 14;
    pub(crate) const BYTES: u32 = 15;
    pub(crate) const HTTP_VERSION: u32 = 16;
    pub(crate) const TRAILERS: u32 = 17;
    pub(crate) const CUT_LISTS: u32 = 18;
    pub(crate) const PAGINATION: u32 = 23;
    pub(crate) const TEMPLATE_CONFIDENCE: u32 = 19;
    pub(crate) const TEMPLATE_VERSION: u32 = 20;
}

/// Of `Response`.
pub(crate) mod response {
    pub(crate) const STATUS: u32 = 3;
    pub(crate) const HEADERS: u32 = 4;
    pub(crate) const COOKIES: u32 = 5;
    pub(crate) const BODY: u32 = 6;
    pub(crate) const BYTES: u32 = 7;
    pub(crate) const HTTP_VERSION: u32 = 8;
    pub(crate) const TRAILERS: u32 = 9;
    pub(crate) const INTERIM_RESPONSES: u32 = 10;
    pub(crate) const LATENCY_NS: u32 = 11;
    pub(crate) const GRPC_STATUS: u32 = 12;
    pub(crate) const CUT_LISTS: u32 = 13;
    pub(crate) const PAGINATION: u32 = 14;
}

/// Of `Body`.
pub(crate) mod body {
    pub(crate) const MEDIA_TYPE: u32 = 1;
    pub(crate) const CODING: u32 = 2;
    pub(crate) const BYTES: u32 = 3;
    pub(crate) const DECODED_BYTES: u32 = 4;
    pub(crate) const FIELDS: u32 = 5;
    pub(crate) const FIELDS_TOTAL: u32 = 6;
    pub(crate) const FORMAT: u32 = 7;
    pub(crate) const CUT: u32 = 8;
    pub(crate) const MALFORMED: u32 = 9;
    pub(crate) const SHAPE_HASH: u32 = 10;
    pub(crate) const ARRAYS: u32 = 11;
    pub(crate) const RECORDS: u32 = 12;
    pub(crate) const TOTAL: u32 = 13;
}

/// Of `ArrayLength`.
pub(crate) mod array {
    pub(crate) const PATH: u32 = 1;
    pub(crate) const ITEMS: u32 = 2;
}

/// Of `Pagination`.
pub(crate) mod pagination {
    pub(crate) const STYLE: u32 = 1;
    pub(crate) const PAGE: u32 = 2;
    pub(crate) const OFFSET: u32 = 3;
    pub(crate) const LIMIT: u32 = 4;
    pub(crate) const MORE: u32 = 5;
    pub(crate) const LOCATION: u32 = 6;
}

/// Of `Field`.
pub(crate) mod field {
    pub(crate) const PATH: u32 = 1;
    pub(crate) const TYPES: u32 = 2;
    pub(crate) const COUNT: u32 = 3;
    pub(crate) const VALUE: u32 = 4;
    pub(crate) const MORE: u32 = 5;
}

/// Of `Parameter`.
pub(crate) mod parameter {
    pub(crate) const NAME: u32 = 1;
    pub(crate) const VALUE: u32 = 2;
}

/// Of `Value`.
pub(crate) mod value {
    pub(crate) const KEPT: u32 = 1;
    pub(crate) const TOKEN: u32 = 2;
    pub(crate) const SHAPE: u32 = 3;
    pub(crate) const MASKED: u32 = 4;
}

/// Of `Token`.
pub(crate) mod token {
    pub(crate) const CLASS: u32 = 1;
    pub(crate) const KEY_ID: u32 = 2;
    pub(crate) const TEXT: u32 = 3;
    pub(crate) const PREVIOUS: u32 = 4;
}

/// Of `PreviousToken`.
pub(crate) mod previous_token {
    pub(crate) const KEY_ID: u32 = 1;
    pub(crate) const TEXT: u32 = 2;
}

/// Of `Shape`.
pub(crate) mod shape {
    pub(crate) const TYPE: u32 = 1;
    pub(crate) const LENGTH: u32 = 2;
}

/// Of `Entity`.
pub(crate) mod entity {
    pub(crate) const KIND: u32 = 1;
    pub(crate) const VALUE: u32 = 2;
    pub(crate) const LOCATION: u32 = 3;
    pub(crate) const SOURCE: u32 = 4;
    pub(crate) const CONFIDENCE: u32 = 5;
    pub(crate) const CLAIM: u32 = 6;
    pub(crate) const RULE: u32 = 7;
    pub(crate) const ROLE: u32 = 8;
    pub(crate) const LEARNED_FROM: u32 = 9;
}

/// Of `ObjectRef`.
pub(crate) mod object {
    pub(crate) const NAME: u32 = 1;
    pub(crate) const LOCATION: u32 = 2;
    pub(crate) const VALUE: u32 = 3;
    pub(crate) const CLASS: u32 = 4;
    pub(crate) const STEP: u32 = 5;
    pub(crate) const KIND: u32 = 6;
    pub(crate) const RETURNED: u32 = 7;
    pub(crate) const RUN: u32 = 8;
}

/// Of `Finding`.
pub(crate) mod finding {
    pub(crate) const CLASS: u32 = 1;
    pub(crate) const LABELS: u32 = 2;
    pub(crate) const LOCATION: u32 = 3;
    pub(crate) const COUNT: u32 = 4;
    pub(crate) const ACTION: u32 = 5;
    pub(crate) const CONFIDENCE: u32 = 6;
    pub(crate) const RULE: u32 = 7;
}

/// Of `Signal`.
pub(crate) mod signal {
    pub(crate) const ID: u32 = 1;
    pub(crate) const SEVERITY: u32 = 2;
    pub(crate) const OWASP: u32 = 3;
    pub(crate) const LOCATION: u32 = 4;
    pub(crate) const KIND: u32 = 5;
    pub(crate) const COUNT: u32 = 6;
}

/// Of `Auth`.
pub(crate) mod auth {
    pub(crate) const SCHEME: u32 = 1;
    pub(crate) const JWT: u32 = 2;
    pub(crate) const MTLS_SUBJECT: u32 = 3;
    pub(crate) const RESULT: u32 = 4;
    pub(crate) const CREDENTIAL: u32 = 5;
    pub(crate) const LOCATION: u32 = 6;
    pub(crate) const CREDENTIAL_ID: u32 = 7;
    pub(crate) const REFUSALS_BEFORE: u32 = 8;
}

/// Of `Jwt`.
pub(crate) mod jwt {
    pub(crate) const ALGORITHM: u32 = 1;
    pub(crate) const ISSUER: u32 = 2;
    pub(crate) const SUBJECT: u32 = 3;
    pub(crate) const AUDIENCE: u32 = 4;
    pub(crate) const EXPIRED: u32 = 5;
    pub(crate) const SCOPES: u32 = 6;
}

/// Of `Grpc`.
pub(crate) mod grpc {
    pub(crate) const SERVICE: u32 = 1;
    pub(crate) const METHOD: u32 = 2;
    pub(crate) const REQUEST_MESSAGES: u32 = 3;
    pub(crate) const RESPONSE_MESSAGES: u32 = 4;
    pub(crate) const STATUS: u32 = 5;
    pub(crate) const ENCODING: u32 = 6;
    pub(crate) const TIMEOUT_NS: u32 = 7;
    pub(crate) const REQUEST_MESSAGE_BYTES: u32 = 8;
    pub(crate) const RESPONSE_MESSAGE_BYTES: u32 = 9;
    pub(crate) const REQUEST_MESSAGE_BYTES_MAX: u32 = 10;
    pub(crate) const RESPONSE_MESSAGE_BYTES_MAX: u32 = 11;
    pub(crate) const REQUEST_MESSAGES_COMPRESSED: u32 = 12;
    pub(crate) const RESPONSE_MESSAGES_COMPRESSED: u32 = 13;
    pub(crate) const KIND: u32 = 14;
    pub(crate) const MESSAGES_DESCRIBED: u32 = 15;
    pub(crate) const MESSAGES_MISFIT: u32 = 16;
}

/// Of `EncryptedSession`.
pub(crate) mod session {
    pub(crate) const START_TIME: u32 = 1;
    pub(crate) const END_TIME: u32 = 2;
    pub(crate) const SERVER_NAME: u32 = 3;
    pub(crate) const ALPN: u32 = 4;
    pub(crate) const TLS_VERSION: u32 = 5;
    pub(crate) const CIPHER: u32 = 6;
    pub(crate) const JA4: u32 = 7;
    pub(crate) const JA4S: u32 = 8;
    pub(crate) const CLIENT_BYTES: u32 = 9;
    pub(crate) const SERVER_BYTES: u32 = 10;
    pub(crate) const ECH: u32 = 11;
    pub(crate) const CLIENT_CERTIFICATE: u32 = 12;
    pub(crate) const CLIENT_CERTIFICATE_REQUESTED: u32 = 13;
    pub(crate) const ALPN_OFFERED: u32 = 14;
    pub(crate) const TLS_VERSION_OFFERED: u32 = 15;
    pub(crate) const GROUP: u32 = 16;
    pub(crate) const RESUMED: u32 = 17;
    pub(crate) const EARLY_DATA: u32 = 18;
    pub(crate) const CERTIFICATE: u32 = 19;
    pub(crate) const ALERTS: u32 = 20;
    pub(crate) const ESTABLISHED: u32 = 21;
    pub(crate) const OPEN: u32 = 22;
    pub(crate) const PART: u32 = 23;
    pub(crate) const HANDSHAKE_INCOMPLETE: u32 = 24;
    pub(crate) const RETRIED: u32 = 25;
    pub(crate) const QUIC_VERSION: u32 = 26;
    pub(crate) const DECRYPTION: u32 = 27;
}

/// Of `Decryption`.
pub(crate) mod decryption {
    pub(crate) const RESULT: u32 = 1;
    pub(crate) const REASON: u32 = 2;
    pub(crate) const CLIENT_BYTES: u32 = 3;
    pub(crate) const SERVER_BYTES: u32 = 4;
    pub(crate) const UNREAD_RECORDS: u32 = 5;
}

/// Of `Certificate`.
pub(crate) mod certificate {
    pub(crate) const SUBJECT: u32 = 1;
    pub(crate) const NAMES: u32 = 2;
    pub(crate) const NAMES_TOTAL: u32 = 3;
    pub(crate) const ISSUER: u32 = 4;
    pub(crate) const NOT_BEFORE: u32 = 5;
    pub(crate) const NOT_AFTER: u32 = 6;
    pub(crate) const KEY_TYPE: u32 = 7;
    pub(crate) const KEY_BITS: u32 = 8;
    pub(crate) const SELF_SIGNED: u32 = 9;
    pub(crate) const CHAIN: u32 = 10;
    pub(crate) const EXPIRED: u32 = 11;
}

/// Of `TlsAlert`.
pub(crate) mod alert {
    pub(crate) const FROM_CLIENT: u32 = 1;
    pub(crate) const FATAL: u32 = 2;
    pub(crate) const NAME: u32 = 3;
}

/// Of `WebSocketMessage`.
pub(crate) mod websocket {
    pub(crate) const TIME: u32 = 1;
    pub(crate) const FROM_CLIENT: u32 = 2;
    pub(crate) const OPCODE: u32 = 3;
    pub(crate) const BODY: u32 = 4;
    pub(crate) const SEQUENCE: u32 = 5;
    pub(crate) const CLOSE_CODE: u32 = 6;
    pub(crate) const COMPRESSED: u32 = 7;
    pub(crate) const FRAMES: u32 = 8;
    pub(crate) const SUBPROTOCOL: u32 = 9;
    pub(crate) const FLAGS: u32 = 10;
    pub(crate) const MESSAGES_SKIPPED: u32 = 11;
    pub(crate) const BYTES_SKIPPED: u32 = 12;
    pub(crate) const TOTALS: u32 = 13;
    pub(crate) const NAME: u32 = 14;
    pub(crate) const HANDSHAKE_ID: u32 = 15;
    pub(crate) const CHANNEL: u32 = 16;
}

/// Of `WebSocketMessage.Totals`.
pub(crate) mod websocket_totals {
    pub(crate) const MESSAGES: u32 = 1;
    pub(crate) const BYTES: u32 = 2;
    pub(crate) const MESSAGES_SKIPPED: u32 = 3;
    pub(crate) const PINGS: u32 = 4;
    pub(crate) const PONGS: u32 = 5;
    pub(crate) const LOSSES: u32 = 6;
}

/// Of `ServerEvent`.
pub(crate) mod server_event {
    pub(crate) const TIME: u32 = 1;
    pub(crate) const NAME: u32 = 2;
    pub(crate) const ID: u32 = 3;
    pub(crate) const BODY: u32 = 4;
    pub(crate) const SEQUENCE: u32 = 5;
    pub(crate) const RETRY_MS: u32 = 6;
    pub(crate) const LINES: u32 = 7;
    pub(crate) const FLAGS: u32 = 8;
    pub(crate) const EVENTS_SKIPPED: u32 = 9;
    pub(crate) const BYTES_SKIPPED: u32 = 10;
    pub(crate) const COMMENTS: u32 = 11;
    pub(crate) const MESSAGE_NAME: u32 = 12;
    pub(crate) const CALL_ID: u32 = 13;
    pub(crate) const NAME_HIDDEN: u32 = 14;
    pub(crate) const CHANNEL: u32 = 15;
}

/// Of `GraphQl`.
pub(crate) mod graphql {
    pub(crate) const OPERATIONS: u32 = 1;
    pub(crate) const OPERATIONS_TOTAL: u32 = 2;
    pub(crate) const BATCH: u32 = 3;
    pub(crate) const UPLOAD: u32 = 4;
    pub(crate) const ERRORS: u32 = 5;
}

/// Of `GraphQlOperation`.
pub(crate) mod graphql_operation {
    pub(crate) const TYPE: u32 = 1;
    pub(crate) const NAME: u32 = 2;
    pub(crate) const ROOT_FIELDS: u32 = 3;
    pub(crate) const ROOT_FIELDS_TOTAL: u32 = 4;
    pub(crate) const DEPTH: u32 = 5;
    pub(crate) const FIELDS: u32 = 6;
    pub(crate) const ALIASES: u32 = 7;
    pub(crate) const DIRECTIVES: u32 = 8;
    pub(crate) const FRAGMENTS: u32 = 9;
    pub(crate) const INTROSPECTION: u32 = 10;
    pub(crate) const VARIABLES: u32 = 11;
    pub(crate) const PERSISTED: u32 = 12;
    pub(crate) const MALFORMED: u32 = 13;
    pub(crate) const ERRORS: u32 = 14;
    pub(crate) const ERROR_CODES: u32 = 15;
    pub(crate) const DATA: u32 = 16;
}

/// Of `JsonRpc`.
pub(crate) mod jsonrpc {
    pub(crate) const VERSION: u32 = 1;
    pub(crate) const CALLS: u32 = 2;
    pub(crate) const CALLS_TOTAL: u32 = 3;
    pub(crate) const BATCH: u32 = 4;
    pub(crate) const NOTIFICATIONS: u32 = 5;
    pub(crate) const ERRORS: u32 = 6;
    pub(crate) const MCP: u32 = 7;
    pub(crate) const MCP_VERSION: u32 = 8;
    pub(crate) const SERVER_MESSAGES: u32 = 9;
}

/// Of `JsonRpcCall`.
pub(crate) mod jsonrpc_call {
    pub(crate) const METHOD: u32 = 1;
    pub(crate) const TARGET: u32 = 2;
    pub(crate) const NOTIFICATION: u32 = 3;
    pub(crate) const ERROR_CODE: u32 = 4;
    pub(crate) const ANSWERED: u32 = 5;
    pub(crate) const TOOL_ERROR: u32 = 6;
    pub(crate) const ANSWER: u32 = 7;
}

/// Of `Soap`.
pub(crate) mod soap {
    pub(crate) const VERSION: u32 = 1;
    pub(crate) const OPERATION: u32 = 2;
    pub(crate) const ACTION: u32 = 3;
    pub(crate) const FAULT: u32 = 4;
    pub(crate) const FAULT_CODE: u32 = 5;
    pub(crate) const FAULT_SUBCODE: u32 = 6;
    pub(crate) const HEADER_BLOCKS: u32 = 7;
    pub(crate) const USERNAME_TOKEN: u32 = 8;
    pub(crate) const PARTS: u32 = 9;
    pub(crate) const PARTS_TOTAL: u32 = 10;
}

/// Of `MimePart`.
pub(crate) mod mime_part {
    pub(crate) const MEDIA_TYPE: u32 = 1;
    pub(crate) const BYTES: u32 = 2;
}

/// Of `Completeness`.
pub(crate) mod completeness {
    pub(crate) const REQUEST: u32 = 1;
    pub(crate) const RESPONSE: u32 = 2;
    pub(crate) const REQUEST_BYTES_MISSING: u32 = 3;
    pub(crate) const RESPONSE_BYTES_MISSING: u32 = 4;
    pub(crate) const MID_CONNECTION: u32 = 5;
    pub(crate) const PAIRING: u32 = 6;
    pub(crate) const RUNG: u32 = 7;
    pub(crate) const REQUEST_FLAGS: u32 = 8;
    pub(crate) const RESPONSE_FLAGS: u32 = 9;
}

/// Of `google.protobuf.Timestamp`.
pub(crate) mod timestamp {
    pub(crate) const SECONDS: u32 = 1;
    pub(crate) const NANOS: u32 = 2;
}
