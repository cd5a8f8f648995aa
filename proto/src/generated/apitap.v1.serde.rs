impl serde::Serialize for Api {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("apitap.v1.Api", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Api {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Api;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Api")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Api, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(Api {
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Api", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for api::Style {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "STYLE_UNSPECIFIED",
            Self::Rest => "REST",
            Self::Graphql => "GRAPHQL",
            Self::Jsonrpc => "JSONRPC",
            Self::Soap => "SOAP",
            Self::Grpc => "GRPC",
            Self::Xmlrpc => "XMLRPC",
            Self::Odata => "ODATA",
            Self::Jsonapi => "JSONAPI",
            Self::Sse => "SSE",
            Self::WebPage => "WEB_PAGE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for api::Style {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "STYLE_UNSPECIFIED",
            "REST",
            "GRAPHQL",
            "JSONRPC",
            "SOAP",
            "GRPC",
            "XMLRPC",
            "ODATA",
            "JSONAPI",
            "SSE",
            "WEB_PAGE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = api::Style;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "STYLE_UNSPECIFIED" => Ok(api::Style::Unspecified),
                    "REST" => Ok(api::Style::Rest),
                    "GRAPHQL" => Ok(api::Style::Graphql),
                    "JSONRPC" => Ok(api::Style::Jsonrpc),
                    "SOAP" => Ok(api::Style::Soap),
                    "GRPC" => Ok(api::Style::Grpc),
                    "XMLRPC" => Ok(api::Style::Xmlrpc),
                    "ODATA" => Ok(api::Style::Odata),
                    "JSONAPI" => Ok(api::Style::Jsonapi),
                    "SSE" => Ok(api::Style::Sse),
                    "WEB_PAGE" => Ok(api::Style::WebPage),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ArrayLength {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.path.is_empty() {
            len += 1;
        }
        if self.items != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.ArrayLength", len)?;
        if !self.path.is_empty() {
            struct_ser.serialize_field("path", &self.path)?;
        }
        if self.items != 0 {
            struct_ser.serialize_field("items", &self.items)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ArrayLength {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "path",
            "items",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Path,
            Items,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "path" => Ok(GeneratedField::Path),
                            "items" => Ok(GeneratedField::Items),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ArrayLength;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.ArrayLength")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ArrayLength, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut path__ = None;
                let mut items__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Path => {
                            if path__.is_some() {
                                return Err(serde::de::Error::duplicate_field("path"));
                            }
                            path__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Items => {
                            if items__.is_some() {
                                return Err(serde::de::Error::duplicate_field("items"));
                            }
                            items__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ArrayLength {
                    path: path__.unwrap_or_default(),
                    items: items__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.ArrayLength", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Auth {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.scheme.is_empty() {
            len += 1;
        }
        if self.jwt.is_some() {
            len += 1;
        }
        if self.mtls_subject.is_some() {
            len += 1;
        }
        if self.result != 0 {
            len += 1;
        }
        if self.credential.is_some() {
            len += 1;
        }
        if !self.location.is_empty() {
            len += 1;
        }
        if self.credential_id.is_some() {
            len += 1;
        }
        if self.refusals_before != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Auth", len)?;
        if !self.scheme.is_empty() {
            struct_ser.serialize_field("scheme", &self.scheme)?;
        }
        if let Some(v) = self.jwt.as_ref() {
            struct_ser.serialize_field("jwt", v)?;
        }
        if let Some(v) = self.mtls_subject.as_ref() {
            struct_ser.serialize_field("mtls_subject", v)?;
        }
        if self.result != 0 {
            let v = auth::Result::try_from(self.result)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.result)))?;
            struct_ser.serialize_field("result", &v)?;
        }
        if let Some(v) = self.credential.as_ref() {
            struct_ser.serialize_field("credential", v)?;
        }
        if !self.location.is_empty() {
            struct_ser.serialize_field("location", &self.location)?;
        }
        if let Some(v) = self.credential_id.as_ref() {
            struct_ser.serialize_field("credential_id", v)?;
        }
        if self.refusals_before != 0 {
            struct_ser.serialize_field("refusals_before", &self.refusals_before)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Auth {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "scheme",
            "jwt",
            "mtls_subject",
            "mtlsSubject",
            "result",
            "credential",
            "location",
            "credential_id",
            "credentialId",
            "refusals_before",
            "refusalsBefore",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Scheme,
            Jwt,
            MtlsSubject,
            Result,
            Credential,
            Location,
            CredentialId,
            RefusalsBefore,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "scheme" => Ok(GeneratedField::Scheme),
                            "jwt" => Ok(GeneratedField::Jwt),
                            "mtlsSubject" | "mtls_subject" => Ok(GeneratedField::MtlsSubject),
                            "result" => Ok(GeneratedField::Result),
                            "credential" => Ok(GeneratedField::Credential),
                            "location" => Ok(GeneratedField::Location),
                            "credentialId" | "credential_id" => Ok(GeneratedField::CredentialId),
                            "refusalsBefore" | "refusals_before" => Ok(GeneratedField::RefusalsBefore),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Auth;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Auth")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Auth, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut scheme__ = None;
                let mut jwt__ = None;
                let mut mtls_subject__ = None;
                let mut result__ = None;
                let mut credential__ = None;
                let mut location__ = None;
                let mut credential_id__ = None;
                let mut refusals_before__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Scheme => {
                            if scheme__.is_some() {
                                return Err(serde::de::Error::duplicate_field("scheme"));
                            }
                            scheme__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Jwt => {
                            if jwt__.is_some() {
                                return Err(serde::de::Error::duplicate_field("jwt"));
                            }
                            jwt__ = map_.next_value()?;
                        }
                        GeneratedField::MtlsSubject => {
                            if mtls_subject__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mtlsSubject"));
                            }
                            mtls_subject__ = map_.next_value()?;
                        }
                        GeneratedField::Result => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("result"));
                            }
                            result__ = Some(map_.next_value::<auth::Result>()? as i32);
                        }
                        GeneratedField::Credential => {
                            if credential__.is_some() {
                                return Err(serde::de::Error::duplicate_field("credential"));
                            }
                            credential__ = map_.next_value()?;
                        }
                        GeneratedField::Location => {
                            if location__.is_some() {
                                return Err(serde::de::Error::duplicate_field("location"));
                            }
                            location__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CredentialId => {
                            if credential_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("credentialId"));
                            }
                            credential_id__ = map_.next_value()?;
                        }
                        GeneratedField::RefusalsBefore => {
                            if refusals_before__.is_some() {
                                return Err(serde::de::Error::duplicate_field("refusalsBefore"));
                            }
                            refusals_before__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Auth {
                    scheme: scheme__.unwrap_or_default(),
                    jwt: jwt__,
                    mtls_subject: mtls_subject__,
                    result: result__.unwrap_or_default(),
                    credential: credential__,
                    location: location__.unwrap_or_default(),
                    credential_id: credential_id__,
                    refusals_before: refusals_before__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Auth", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for auth::Result {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "RESULT_UNSPECIFIED",
            Self::Accepted => "ACCEPTED",
            Self::Rejected => "REJECTED",
            Self::Forbidden => "FORBIDDEN",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for auth::Result {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "RESULT_UNSPECIFIED",
            "ACCEPTED",
            "REJECTED",
            "FORBIDDEN",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = auth::Result;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "RESULT_UNSPECIFIED" => Ok(auth::Result::Unspecified),
                    "ACCEPTED" => Ok(auth::Result::Accepted),
                    "REJECTED" => Ok(auth::Result::Rejected),
                    "FORBIDDEN" => Ok(auth::Result::Forbidden),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Body {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.media_type.is_empty() {
            len += 1;
        }
        if !self.coding.is_empty() {
            len += 1;
        }
        if self.bytes != 0 {
            len += 1;
        }
        if self.decoded_bytes != 0 {
            len += 1;
        }
        if !self.fields.is_empty() {
            len += 1;
        }
        if self.fields_total != 0 {
            len += 1;
        }
        if !self.format.is_empty() {
            len += 1;
        }
        if self.cut {
            len += 1;
        }
        if self.malformed {
            len += 1;
        }
        if !self.shape_hash.is_empty() {
            len += 1;
        }
        if !self.arrays.is_empty() {
            len += 1;
        }
        if self.records != 0 {
            len += 1;
        }
        if self.total.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Body", len)?;
        if !self.media_type.is_empty() {
            struct_ser.serialize_field("media_type", &self.media_type)?;
        }
        if !self.coding.is_empty() {
            struct_ser.serialize_field("coding", &self.coding)?;
        }
        if self.bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if self.decoded_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("decoded_bytes", ToString::to_string(&self.decoded_bytes).as_str())?;
        }
        if !self.fields.is_empty() {
            struct_ser.serialize_field("fields", &self.fields)?;
        }
        if self.fields_total != 0 {
            struct_ser.serialize_field("fields_total", &self.fields_total)?;
        }
        if !self.format.is_empty() {
            struct_ser.serialize_field("format", &self.format)?;
        }
        if self.cut {
            struct_ser.serialize_field("cut", &self.cut)?;
        }
        if self.malformed {
            struct_ser.serialize_field("malformed", &self.malformed)?;
        }
        if !self.shape_hash.is_empty() {
            struct_ser.serialize_field("shape_hash", &self.shape_hash)?;
        }
        if !self.arrays.is_empty() {
            struct_ser.serialize_field("arrays", &self.arrays)?;
        }
        if self.records != 0 {
            struct_ser.serialize_field("records", &self.records)?;
        }
        if let Some(v) = self.total.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("total", ToString::to_string(&v).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Body {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "media_type",
            "mediaType",
            "coding",
            "bytes",
            "decoded_bytes",
            "decodedBytes",
            "fields",
            "fields_total",
            "fieldsTotal",
            "format",
            "cut",
            "malformed",
            "shape_hash",
            "shapeHash",
            "arrays",
            "records",
            "total",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            MediaType,
            Coding,
            Bytes,
            DecodedBytes,
            Fields,
            FieldsTotal,
            Format,
            Cut,
            Malformed,
            ShapeHash,
            Arrays,
            Records,
            Total,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "mediaType" | "media_type" => Ok(GeneratedField::MediaType),
                            "coding" => Ok(GeneratedField::Coding),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "decodedBytes" | "decoded_bytes" => Ok(GeneratedField::DecodedBytes),
                            "fields" => Ok(GeneratedField::Fields),
                            "fieldsTotal" | "fields_total" => Ok(GeneratedField::FieldsTotal),
                            "format" => Ok(GeneratedField::Format),
                            "cut" => Ok(GeneratedField::Cut),
                            "malformed" => Ok(GeneratedField::Malformed),
                            "shapeHash" | "shape_hash" => Ok(GeneratedField::ShapeHash),
                            "arrays" => Ok(GeneratedField::Arrays),
                            "records" => Ok(GeneratedField::Records),
                            "total" => Ok(GeneratedField::Total),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Body;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Body")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Body, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut media_type__ = None;
                let mut coding__ = None;
                let mut bytes__ = None;
                let mut decoded_bytes__ = None;
                let mut fields__ = None;
                let mut fields_total__ = None;
                let mut format__ = None;
                let mut cut__ = None;
                let mut malformed__ = None;
                let mut shape_hash__ = None;
                let mut arrays__ = None;
                let mut records__ = None;
                let mut total__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::MediaType => {
                            if media_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mediaType"));
                            }
                            media_type__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Coding => {
                            if coding__.is_some() {
                                return Err(serde::de::Error::duplicate_field("coding"));
                            }
                            coding__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::DecodedBytes => {
                            if decoded_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("decodedBytes"));
                            }
                            decoded_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Fields => {
                            if fields__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fields"));
                            }
                            fields__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FieldsTotal => {
                            if fields_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fieldsTotal"));
                            }
                            fields_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Cut => {
                            if cut__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cut"));
                            }
                            cut__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Malformed => {
                            if malformed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("malformed"));
                            }
                            malformed__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ShapeHash => {
                            if shape_hash__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shapeHash"));
                            }
                            shape_hash__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Arrays => {
                            if arrays__.is_some() {
                                return Err(serde::de::Error::duplicate_field("arrays"));
                            }
                            arrays__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Records => {
                            if records__.is_some() {
                                return Err(serde::de::Error::duplicate_field("records"));
                            }
                            records__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Total => {
                            if total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("total"));
                            }
                            total__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                    }
                }
                Ok(Body {
                    media_type: media_type__.unwrap_or_default(),
                    coding: coding__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    decoded_bytes: decoded_bytes__.unwrap_or_default(),
                    fields: fields__.unwrap_or_default(),
                    fields_total: fields_total__.unwrap_or_default(),
                    format: format__.unwrap_or_default(),
                    cut: cut__.unwrap_or_default(),
                    malformed: malformed__.unwrap_or_default(),
                    shape_hash: shape_hash__.unwrap_or_default(),
                    arrays: arrays__.unwrap_or_default(),
                    records: records__.unwrap_or_default(),
                    total: total__,
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Body", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CallRecord {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if self.protocol != 0 {
            len += 1;
        }
        if self.api_style != 0 {
            len += 1;
        }
        if self.client.is_some() {
            len += 1;
        }
        if self.server.is_some() {
            len += 1;
        }
        if self.direction != 0 {
            len += 1;
        }
        if !self.direction_basis.is_empty() {
            len += 1;
        }
        if self.network.is_some() {
            len += 1;
        }
        if self.request.is_some() {
            len += 1;
        }
        if self.response.is_some() {
            len += 1;
        }
        if !self.operation.is_empty() {
            len += 1;
        }
        if !self.entities.is_empty() {
            len += 1;
        }
        if self.auth.is_some() {
            len += 1;
        }
        if !self.objects.is_empty() {
            len += 1;
        }
        if self.objects_total != 0 {
            len += 1;
        }
        if !self.findings.is_empty() {
            len += 1;
        }
        if self.findings_total != 0 {
            len += 1;
        }
        if !self.signals.is_empty() {
            len += 1;
        }
        if self.completeness.is_some() {
            len += 1;
        }
        if self.sensor.is_some() {
            len += 1;
        }
        if self.encrypted_session.is_some() {
            len += 1;
        }
        if self.sample_weight != 0 {
            len += 1;
        }
        if self.websocket_message.is_some() {
            len += 1;
        }
        if self.grpc.is_some() {
            len += 1;
        }
        if self.graphql.is_some() {
            len += 1;
        }
        if self.jsonrpc.is_some() {
            len += 1;
        }
        if self.soap.is_some() {
            len += 1;
        }
        if self.forwarded.is_some() {
            len += 1;
        }
        if self.real_client.is_some() {
            len += 1;
        }
        if self.streaming.is_some() {
            len += 1;
        }
        if self.server_event.is_some() {
            len += 1;
        }
        if !self.tenant.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.CallRecord", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if self.protocol != 0 {
            let v = Protocol::try_from(self.protocol)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.protocol)))?;
            struct_ser.serialize_field("protocol", &v)?;
        }
        if self.api_style != 0 {
            let v = api::Style::try_from(self.api_style)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.api_style)))?;
            struct_ser.serialize_field("api_style", &v)?;
        }
        if let Some(v) = self.client.as_ref() {
            struct_ser.serialize_field("client", v)?;
        }
        if let Some(v) = self.server.as_ref() {
            struct_ser.serialize_field("server", v)?;
        }
        if self.direction != 0 {
            let v = Direction::try_from(self.direction)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.direction)))?;
            struct_ser.serialize_field("direction", &v)?;
        }
        if !self.direction_basis.is_empty() {
            struct_ser.serialize_field("direction_basis", &self.direction_basis)?;
        }
        if let Some(v) = self.network.as_ref() {
            struct_ser.serialize_field("network", v)?;
        }
        if let Some(v) = self.request.as_ref() {
            struct_ser.serialize_field("request", v)?;
        }
        if let Some(v) = self.response.as_ref() {
            struct_ser.serialize_field("response", v)?;
        }
        if !self.operation.is_empty() {
            struct_ser.serialize_field("operation", &self.operation)?;
        }
        if !self.entities.is_empty() {
            struct_ser.serialize_field("entities", &self.entities)?;
        }
        if let Some(v) = self.auth.as_ref() {
            struct_ser.serialize_field("auth", v)?;
        }
        if !self.objects.is_empty() {
            struct_ser.serialize_field("objects", &self.objects)?;
        }
        if self.objects_total != 0 {
            struct_ser.serialize_field("objects_total", &self.objects_total)?;
        }
        if !self.findings.is_empty() {
            struct_ser.serialize_field("findings", &self.findings)?;
        }
        if self.findings_total != 0 {
            struct_ser.serialize_field("findings_total", &self.findings_total)?;
        }
        if !self.signals.is_empty() {
            struct_ser.serialize_field("signals", &self.signals)?;
        }
        if let Some(v) = self.completeness.as_ref() {
            struct_ser.serialize_field("completeness", v)?;
        }
        if let Some(v) = self.sensor.as_ref() {
            struct_ser.serialize_field("sensor", v)?;
        }
        if let Some(v) = self.encrypted_session.as_ref() {
            struct_ser.serialize_field("encrypted_session", v)?;
        }
        if self.sample_weight != 0 {
            struct_ser.serialize_field("sample_weight", &self.sample_weight)?;
        }
        if let Some(v) = self.websocket_message.as_ref() {
            struct_ser.serialize_field("websocket_message", v)?;
        }
        if let Some(v) = self.grpc.as_ref() {
            struct_ser.serialize_field("grpc", v)?;
        }
        if let Some(v) = self.graphql.as_ref() {
            struct_ser.serialize_field("graphql", v)?;
        }
        if let Some(v) = self.jsonrpc.as_ref() {
            struct_ser.serialize_field("jsonrpc", v)?;
        }
        if let Some(v) = self.soap.as_ref() {
            struct_ser.serialize_field("soap", v)?;
        }
        if let Some(v) = self.forwarded.as_ref() {
            struct_ser.serialize_field("forwarded", v)?;
        }
        if let Some(v) = self.real_client.as_ref() {
            struct_ser.serialize_field("real_client", v)?;
        }
        if let Some(v) = self.streaming.as_ref() {
            struct_ser.serialize_field("streaming", v)?;
        }
        if let Some(v) = self.server_event.as_ref() {
            struct_ser.serialize_field("server_event", v)?;
        }
        if !self.tenant.is_empty() {
            struct_ser.serialize_field("tenant", &self.tenant)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CallRecord {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "protocol",
            "api_style",
            "apiStyle",
            "client",
            "server",
            "direction",
            "direction_basis",
            "directionBasis",
            "network",
            "request",
            "response",
            "operation",
            "entities",
            "auth",
            "objects",
            "objects_total",
            "objectsTotal",
            "findings",
            "findings_total",
            "findingsTotal",
            "signals",
            "completeness",
            "sensor",
            "encrypted_session",
            "encryptedSession",
            "sample_weight",
            "sampleWeight",
            "websocket_message",
            "websocketMessage",
            "grpc",
            "graphql",
            "jsonrpc",
            "soap",
            "forwarded",
            "real_client",
            "realClient",
            "streaming",
            "server_event",
            "serverEvent",
            "tenant",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Protocol,
            ApiStyle,
            Client,
            Server,
            Direction,
            DirectionBasis,
            Network,
            Request,
            Response,
            Operation,
            Entities,
            Auth,
            Objects,
            ObjectsTotal,
            Findings,
            FindingsTotal,
            Signals,
            Completeness,
            Sensor,
            EncryptedSession,
            SampleWeight,
            WebsocketMessage,
            Grpc,
            Graphql,
            Jsonrpc,
            Soap,
            Forwarded,
            RealClient,
            Streaming,
            ServerEvent,
            Tenant,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "protocol" => Ok(GeneratedField::Protocol),
                            "apiStyle" | "api_style" => Ok(GeneratedField::ApiStyle),
                            "client" => Ok(GeneratedField::Client),
                            "server" => Ok(GeneratedField::Server),
                            "direction" => Ok(GeneratedField::Direction),
                            "directionBasis" | "direction_basis" => Ok(GeneratedField::DirectionBasis),
                            "network" => Ok(GeneratedField::Network),
                            "request" => Ok(GeneratedField::Request),
                            "response" => Ok(GeneratedField::Response),
                            "operation" => Ok(GeneratedField::Operation),
                            "entities" => Ok(GeneratedField::Entities),
                            "auth" => Ok(GeneratedField::Auth),
                            "objects" => Ok(GeneratedField::Objects),
                            "objectsTotal" | "objects_total" => Ok(GeneratedField::ObjectsTotal),
                            "findings" => Ok(GeneratedField::Findings),
                            "findingsTotal" | "findings_total" => Ok(GeneratedField::FindingsTotal),
                            "signals" => Ok(GeneratedField::Signals),
                            "completeness" => Ok(GeneratedField::Completeness),
                            "sensor" => Ok(GeneratedField::Sensor),
                            "encryptedSession" | "encrypted_session" => Ok(GeneratedField::EncryptedSession),
                            "sampleWeight" | "sample_weight" => Ok(GeneratedField::SampleWeight),
                            "websocketMessage" | "websocket_message" => Ok(GeneratedField::WebsocketMessage),
                            "grpc" => Ok(GeneratedField::Grpc),
                            "graphql" => Ok(GeneratedField::Graphql),
                            "jsonrpc" => Ok(GeneratedField::Jsonrpc),
                            "soap" => Ok(GeneratedField::Soap),
                            "forwarded" => Ok(GeneratedField::Forwarded),
                            "realClient" | "real_client" => Ok(GeneratedField::RealClient),
                            "streaming" => Ok(GeneratedField::Streaming),
                            "serverEvent" | "server_event" => Ok(GeneratedField::ServerEvent),
                            "tenant" => Ok(GeneratedField::Tenant),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CallRecord;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.CallRecord")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CallRecord, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut protocol__ = None;
                let mut api_style__ = None;
                let mut client__ = None;
                let mut server__ = None;
                let mut direction__ = None;
                let mut direction_basis__ = None;
                let mut network__ = None;
                let mut request__ = None;
                let mut response__ = None;
                let mut operation__ = None;
                let mut entities__ = None;
                let mut auth__ = None;
                let mut objects__ = None;
                let mut objects_total__ = None;
                let mut findings__ = None;
                let mut findings_total__ = None;
                let mut signals__ = None;
                let mut completeness__ = None;
                let mut sensor__ = None;
                let mut encrypted_session__ = None;
                let mut sample_weight__ = None;
                let mut websocket_message__ = None;
                let mut grpc__ = None;
                let mut graphql__ = None;
                let mut jsonrpc__ = None;
                let mut soap__ = None;
                let mut forwarded__ = None;
                let mut real_client__ = None;
                let mut streaming__ = None;
                let mut server_event__ = None;
                let mut tenant__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Protocol => {
                            if protocol__.is_some() {
                                return Err(serde::de::Error::duplicate_field("protocol"));
                            }
                            protocol__ = Some(map_.next_value::<Protocol>()? as i32);
                        }
                        GeneratedField::ApiStyle => {
                            if api_style__.is_some() {
                                return Err(serde::de::Error::duplicate_field("apiStyle"));
                            }
                            api_style__ = Some(map_.next_value::<api::Style>()? as i32);
                        }
                        GeneratedField::Client => {
                            if client__.is_some() {
                                return Err(serde::de::Error::duplicate_field("client"));
                            }
                            client__ = map_.next_value()?;
                        }
                        GeneratedField::Server => {
                            if server__.is_some() {
                                return Err(serde::de::Error::duplicate_field("server"));
                            }
                            server__ = map_.next_value()?;
                        }
                        GeneratedField::Direction => {
                            if direction__.is_some() {
                                return Err(serde::de::Error::duplicate_field("direction"));
                            }
                            direction__ = Some(map_.next_value::<Direction>()? as i32);
                        }
                        GeneratedField::DirectionBasis => {
                            if direction_basis__.is_some() {
                                return Err(serde::de::Error::duplicate_field("directionBasis"));
                            }
                            direction_basis__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Network => {
                            if network__.is_some() {
                                return Err(serde::de::Error::duplicate_field("network"));
                            }
                            network__ = map_.next_value()?;
                        }
                        GeneratedField::Request => {
                            if request__.is_some() {
                                return Err(serde::de::Error::duplicate_field("request"));
                            }
                            request__ = map_.next_value()?;
                        }
                        GeneratedField::Response => {
                            if response__.is_some() {
                                return Err(serde::de::Error::duplicate_field("response"));
                            }
                            response__ = map_.next_value()?;
                        }
                        GeneratedField::Operation => {
                            if operation__.is_some() {
                                return Err(serde::de::Error::duplicate_field("operation"));
                            }
                            operation__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Entities => {
                            if entities__.is_some() {
                                return Err(serde::de::Error::duplicate_field("entities"));
                            }
                            entities__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Auth => {
                            if auth__.is_some() {
                                return Err(serde::de::Error::duplicate_field("auth"));
                            }
                            auth__ = map_.next_value()?;
                        }
                        GeneratedField::Objects => {
                            if objects__.is_some() {
                                return Err(serde::de::Error::duplicate_field("objects"));
                            }
                            objects__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ObjectsTotal => {
                            if objects_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("objectsTotal"));
                            }
                            objects_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Findings => {
                            if findings__.is_some() {
                                return Err(serde::de::Error::duplicate_field("findings"));
                            }
                            findings__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FindingsTotal => {
                            if findings_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("findingsTotal"));
                            }
                            findings_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Signals => {
                            if signals__.is_some() {
                                return Err(serde::de::Error::duplicate_field("signals"));
                            }
                            signals__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Completeness => {
                            if completeness__.is_some() {
                                return Err(serde::de::Error::duplicate_field("completeness"));
                            }
                            completeness__ = map_.next_value()?;
                        }
                        GeneratedField::Sensor => {
                            if sensor__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sensor"));
                            }
                            sensor__ = map_.next_value()?;
                        }
                        GeneratedField::EncryptedSession => {
                            if encrypted_session__.is_some() {
                                return Err(serde::de::Error::duplicate_field("encryptedSession"));
                            }
                            encrypted_session__ = map_.next_value()?;
                        }
                        GeneratedField::SampleWeight => {
                            if sample_weight__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sampleWeight"));
                            }
                            sample_weight__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::WebsocketMessage => {
                            if websocket_message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("websocketMessage"));
                            }
                            websocket_message__ = map_.next_value()?;
                        }
                        GeneratedField::Grpc => {
                            if grpc__.is_some() {
                                return Err(serde::de::Error::duplicate_field("grpc"));
                            }
                            grpc__ = map_.next_value()?;
                        }
                        GeneratedField::Graphql => {
                            if graphql__.is_some() {
                                return Err(serde::de::Error::duplicate_field("graphql"));
                            }
                            graphql__ = map_.next_value()?;
                        }
                        GeneratedField::Jsonrpc => {
                            if jsonrpc__.is_some() {
                                return Err(serde::de::Error::duplicate_field("jsonrpc"));
                            }
                            jsonrpc__ = map_.next_value()?;
                        }
                        GeneratedField::Soap => {
                            if soap__.is_some() {
                                return Err(serde::de::Error::duplicate_field("soap"));
                            }
                            soap__ = map_.next_value()?;
                        }
                        GeneratedField::Forwarded => {
                            if forwarded__.is_some() {
                                return Err(serde::de::Error::duplicate_field("forwarded"));
                            }
                            forwarded__ = map_.next_value()?;
                        }
                        GeneratedField::RealClient => {
                            if real_client__.is_some() {
                                return Err(serde::de::Error::duplicate_field("realClient"));
                            }
                            real_client__ = map_.next_value()?;
                        }
                        GeneratedField::Streaming => {
                            if streaming__.is_some() {
                                return Err(serde::de::Error::duplicate_field("streaming"));
                            }
                            streaming__ = map_.next_value()?;
                        }
                        GeneratedField::ServerEvent => {
                            if server_event__.is_some() {
                                return Err(serde::de::Error::duplicate_field("serverEvent"));
                            }
                            server_event__ = map_.next_value()?;
                        }
                        GeneratedField::Tenant => {
                            if tenant__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tenant"));
                            }
                            tenant__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(CallRecord {
                    id: id__.unwrap_or_default(),
                    protocol: protocol__.unwrap_or_default(),
                    api_style: api_style__.unwrap_or_default(),
                    client: client__,
                    server: server__,
                    direction: direction__.unwrap_or_default(),
                    direction_basis: direction_basis__.unwrap_or_default(),
                    network: network__,
                    request: request__,
                    response: response__,
                    operation: operation__.unwrap_or_default(),
                    entities: entities__.unwrap_or_default(),
                    auth: auth__,
                    objects: objects__.unwrap_or_default(),
                    objects_total: objects_total__.unwrap_or_default(),
                    findings: findings__.unwrap_or_default(),
                    findings_total: findings_total__.unwrap_or_default(),
                    signals: signals__.unwrap_or_default(),
                    completeness: completeness__,
                    sensor: sensor__,
                    encrypted_session: encrypted_session__,
                    sample_weight: sample_weight__.unwrap_or_default(),
                    websocket_message: websocket_message__,
                    grpc: grpc__,
                    graphql: graphql__,
                    jsonrpc: jsonrpc__,
                    soap: soap__,
                    forwarded: forwarded__,
                    real_client: real_client__,
                    streaming: streaming__,
                    server_event: server_event__,
                    tenant: tenant__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.CallRecord", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Certificate {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.subject.is_empty() {
            len += 1;
        }
        if !self.names.is_empty() {
            len += 1;
        }
        if self.names_total != 0 {
            len += 1;
        }
        if self.issuer.is_some() {
            len += 1;
        }
        if self.not_before.is_some() {
            len += 1;
        }
        if self.not_after.is_some() {
            len += 1;
        }
        if !self.key_type.is_empty() {
            len += 1;
        }
        if self.key_bits != 0 {
            len += 1;
        }
        if self.self_signed {
            len += 1;
        }
        if self.chain != 0 {
            len += 1;
        }
        if self.expired {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Certificate", len)?;
        if !self.subject.is_empty() {
            struct_ser.serialize_field("subject", &self.subject)?;
        }
        if !self.names.is_empty() {
            struct_ser.serialize_field("names", &self.names)?;
        }
        if self.names_total != 0 {
            struct_ser.serialize_field("names_total", &self.names_total)?;
        }
        if let Some(v) = self.issuer.as_ref() {
            struct_ser.serialize_field("issuer", v)?;
        }
        if let Some(v) = self.not_before.as_ref() {
            struct_ser.serialize_field("not_before", v)?;
        }
        if let Some(v) = self.not_after.as_ref() {
            struct_ser.serialize_field("not_after", v)?;
        }
        if !self.key_type.is_empty() {
            struct_ser.serialize_field("key_type", &self.key_type)?;
        }
        if self.key_bits != 0 {
            struct_ser.serialize_field("key_bits", &self.key_bits)?;
        }
        if self.self_signed {
            struct_ser.serialize_field("self_signed", &self.self_signed)?;
        }
        if self.chain != 0 {
            struct_ser.serialize_field("chain", &self.chain)?;
        }
        if self.expired {
            struct_ser.serialize_field("expired", &self.expired)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Certificate {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "subject",
            "names",
            "names_total",
            "namesTotal",
            "issuer",
            "not_before",
            "notBefore",
            "not_after",
            "notAfter",
            "key_type",
            "keyType",
            "key_bits",
            "keyBits",
            "self_signed",
            "selfSigned",
            "chain",
            "expired",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Subject,
            Names,
            NamesTotal,
            Issuer,
            NotBefore,
            NotAfter,
            KeyType,
            KeyBits,
            SelfSigned,
            Chain,
            Expired,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "subject" => Ok(GeneratedField::Subject),
                            "names" => Ok(GeneratedField::Names),
                            "namesTotal" | "names_total" => Ok(GeneratedField::NamesTotal),
                            "issuer" => Ok(GeneratedField::Issuer),
                            "notBefore" | "not_before" => Ok(GeneratedField::NotBefore),
                            "notAfter" | "not_after" => Ok(GeneratedField::NotAfter),
                            "keyType" | "key_type" => Ok(GeneratedField::KeyType),
                            "keyBits" | "key_bits" => Ok(GeneratedField::KeyBits),
                            "selfSigned" | "self_signed" => Ok(GeneratedField::SelfSigned),
                            "chain" => Ok(GeneratedField::Chain),
                            "expired" => Ok(GeneratedField::Expired),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Certificate;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Certificate")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Certificate, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut subject__ = None;
                let mut names__ = None;
                let mut names_total__ = None;
                let mut issuer__ = None;
                let mut not_before__ = None;
                let mut not_after__ = None;
                let mut key_type__ = None;
                let mut key_bits__ = None;
                let mut self_signed__ = None;
                let mut chain__ = None;
                let mut expired__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Subject => {
                            if subject__.is_some() {
                                return Err(serde::de::Error::duplicate_field("subject"));
                            }
                            subject__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Names => {
                            if names__.is_some() {
                                return Err(serde::de::Error::duplicate_field("names"));
                            }
                            names__ = Some(map_.next_value()?);
                        }
                        GeneratedField::NamesTotal => {
                            if names_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("namesTotal"));
                            }
                            names_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Issuer => {
                            if issuer__.is_some() {
                                return Err(serde::de::Error::duplicate_field("issuer"));
                            }
                            issuer__ = map_.next_value()?;
                        }
                        GeneratedField::NotBefore => {
                            if not_before__.is_some() {
                                return Err(serde::de::Error::duplicate_field("notBefore"));
                            }
                            not_before__ = map_.next_value()?;
                        }
                        GeneratedField::NotAfter => {
                            if not_after__.is_some() {
                                return Err(serde::de::Error::duplicate_field("notAfter"));
                            }
                            not_after__ = map_.next_value()?;
                        }
                        GeneratedField::KeyType => {
                            if key_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("keyType"));
                            }
                            key_type__ = Some(map_.next_value()?);
                        }
                        GeneratedField::KeyBits => {
                            if key_bits__.is_some() {
                                return Err(serde::de::Error::duplicate_field("keyBits"));
                            }
                            key_bits__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::SelfSigned => {
                            if self_signed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("selfSigned"));
                            }
                            self_signed__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Chain => {
                            if chain__.is_some() {
                                return Err(serde::de::Error::duplicate_field("chain"));
                            }
                            chain__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Expired => {
                            if expired__.is_some() {
                                return Err(serde::de::Error::duplicate_field("expired"));
                            }
                            expired__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Certificate {
                    subject: subject__.unwrap_or_default(),
                    names: names__.unwrap_or_default(),
                    names_total: names_total__.unwrap_or_default(),
                    issuer: issuer__,
                    not_before: not_before__,
                    not_after: not_after__,
                    key_type: key_type__.unwrap_or_default(),
                    key_bits: key_bits__.unwrap_or_default(),
                    self_signed: self_signed__.unwrap_or_default(),
                    chain: chain__.unwrap_or_default(),
                    expired: expired__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Certificate", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Completeness {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.request != 0 {
            len += 1;
        }
        if self.response != 0 {
            len += 1;
        }
        if self.request_bytes_missing != 0 {
            len += 1;
        }
        if self.response_bytes_missing != 0 {
            len += 1;
        }
        if self.mid_connection {
            len += 1;
        }
        if self.pairing != 0 {
            len += 1;
        }
        if self.rung != 0 {
            len += 1;
        }
        if !self.request_flags.is_empty() {
            len += 1;
        }
        if !self.response_flags.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Completeness", len)?;
        if self.request != 0 {
            let v = completeness::State::try_from(self.request)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.request)))?;
            struct_ser.serialize_field("request", &v)?;
        }
        if self.response != 0 {
            let v = completeness::State::try_from(self.response)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.response)))?;
            struct_ser.serialize_field("response", &v)?;
        }
        if self.request_bytes_missing != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("request_bytes_missing", ToString::to_string(&self.request_bytes_missing).as_str())?;
        }
        if self.response_bytes_missing != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("response_bytes_missing", ToString::to_string(&self.response_bytes_missing).as_str())?;
        }
        if self.mid_connection {
            struct_ser.serialize_field("mid_connection", &self.mid_connection)?;
        }
        if self.pairing != 0 {
            let v = completeness::Pairing::try_from(self.pairing)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.pairing)))?;
            struct_ser.serialize_field("pairing", &v)?;
        }
        if self.rung != 0 {
            struct_ser.serialize_field("rung", &self.rung)?;
        }
        if !self.request_flags.is_empty() {
            struct_ser.serialize_field("request_flags", &self.request_flags)?;
        }
        if !self.response_flags.is_empty() {
            struct_ser.serialize_field("response_flags", &self.response_flags)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Completeness {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "request",
            "response",
            "request_bytes_missing",
            "requestBytesMissing",
            "response_bytes_missing",
            "responseBytesMissing",
            "mid_connection",
            "midConnection",
            "pairing",
            "rung",
            "request_flags",
            "requestFlags",
            "response_flags",
            "responseFlags",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Request,
            Response,
            RequestBytesMissing,
            ResponseBytesMissing,
            MidConnection,
            Pairing,
            Rung,
            RequestFlags,
            ResponseFlags,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "request" => Ok(GeneratedField::Request),
                            "response" => Ok(GeneratedField::Response),
                            "requestBytesMissing" | "request_bytes_missing" => Ok(GeneratedField::RequestBytesMissing),
                            "responseBytesMissing" | "response_bytes_missing" => Ok(GeneratedField::ResponseBytesMissing),
                            "midConnection" | "mid_connection" => Ok(GeneratedField::MidConnection),
                            "pairing" => Ok(GeneratedField::Pairing),
                            "rung" => Ok(GeneratedField::Rung),
                            "requestFlags" | "request_flags" => Ok(GeneratedField::RequestFlags),
                            "responseFlags" | "response_flags" => Ok(GeneratedField::ResponseFlags),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Completeness;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Completeness")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Completeness, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut request__ = None;
                let mut response__ = None;
                let mut request_bytes_missing__ = None;
                let mut response_bytes_missing__ = None;
                let mut mid_connection__ = None;
                let mut pairing__ = None;
                let mut rung__ = None;
                let mut request_flags__ = None;
                let mut response_flags__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Request => {
                            if request__.is_some() {
                                return Err(serde::de::Error::duplicate_field("request"));
                            }
                            request__ = Some(map_.next_value::<completeness::State>()? as i32);
                        }
                        GeneratedField::Response => {
                            if response__.is_some() {
                                return Err(serde::de::Error::duplicate_field("response"));
                            }
                            response__ = Some(map_.next_value::<completeness::State>()? as i32);
                        }
                        GeneratedField::RequestBytesMissing => {
                            if request_bytes_missing__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestBytesMissing"));
                            }
                            request_bytes_missing__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ResponseBytesMissing => {
                            if response_bytes_missing__.is_some() {
                                return Err(serde::de::Error::duplicate_field("responseBytesMissing"));
                            }
                            response_bytes_missing__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MidConnection => {
                            if mid_connection__.is_some() {
                                return Err(serde::de::Error::duplicate_field("midConnection"));
                            }
                            mid_connection__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Pairing => {
                            if pairing__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pairing"));
                            }
                            pairing__ = Some(map_.next_value::<completeness::Pairing>()? as i32);
                        }
                        GeneratedField::Rung => {
                            if rung__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rung"));
                            }
                            rung__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RequestFlags => {
                            if request_flags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestFlags"));
                            }
                            request_flags__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ResponseFlags => {
                            if response_flags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("responseFlags"));
                            }
                            response_flags__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Completeness {
                    request: request__.unwrap_or_default(),
                    response: response__.unwrap_or_default(),
                    request_bytes_missing: request_bytes_missing__.unwrap_or_default(),
                    response_bytes_missing: response_bytes_missing__.unwrap_or_default(),
                    mid_connection: mid_connection__.unwrap_or_default(),
                    pairing: pairing__.unwrap_or_default(),
                    rung: rung__.unwrap_or_default(),
                    request_flags: request_flags__.unwrap_or_default(),
                    response_flags: response_flags__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Completeness", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for completeness::Pairing {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "PAIRING_UNSPECIFIED",
            Self::InOrder => "IN_ORDER",
            Self::Acknowledged => "ACKNOWLEDGED",
            Self::Stream => "STREAM",
            Self::OneSided => "ONE_SIDED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for completeness::Pairing {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "PAIRING_UNSPECIFIED",
            "IN_ORDER",
            "ACKNOWLEDGED",
            "STREAM",
            "ONE_SIDED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = completeness::Pairing;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "PAIRING_UNSPECIFIED" => Ok(completeness::Pairing::Unspecified),
                    "IN_ORDER" => Ok(completeness::Pairing::InOrder),
                    "ACKNOWLEDGED" => Ok(completeness::Pairing::Acknowledged),
                    "STREAM" => Ok(completeness::Pairing::Stream),
                    "ONE_SIDED" => Ok(completeness::Pairing::OneSided),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for completeness::State {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "STATE_UNSPECIFIED",
            Self::Complete => "COMPLETE",
            Self::Truncated => "TRUNCATED",
            Self::Gap => "GAP",
            Self::Unseen => "UNSEEN",
            Self::InProgress => "IN_PROGRESS",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for completeness::State {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "STATE_UNSPECIFIED",
            "COMPLETE",
            "TRUNCATED",
            "GAP",
            "UNSEEN",
            "IN_PROGRESS",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = completeness::State;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "STATE_UNSPECIFIED" => Ok(completeness::State::Unspecified),
                    "COMPLETE" => Ok(completeness::State::Complete),
                    "TRUNCATED" => Ok(completeness::State::Truncated),
                    "GAP" => Ok(completeness::State::Gap),
                    "UNSEEN" => Ok(completeness::State::Unseen),
                    "IN_PROGRESS" => Ok(completeness::State::InProgress),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Decryption {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.result != 0 {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        if self.client_bytes != 0 {
            len += 1;
        }
        if self.server_bytes != 0 {
            len += 1;
        }
        if self.unread_records != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Decryption", len)?;
        if self.result != 0 {
            let v = DecryptionResult::try_from(self.result)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.result)))?;
            struct_ser.serialize_field("result", &v)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if self.client_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("client_bytes", ToString::to_string(&self.client_bytes).as_str())?;
        }
        if self.server_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("server_bytes", ToString::to_string(&self.server_bytes).as_str())?;
        }
        if self.unread_records != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("unread_records", ToString::to_string(&self.unread_records).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Decryption {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "result",
            "reason",
            "client_bytes",
            "clientBytes",
            "server_bytes",
            "serverBytes",
            "unread_records",
            "unreadRecords",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Result,
            Reason,
            ClientBytes,
            ServerBytes,
            UnreadRecords,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "result" => Ok(GeneratedField::Result),
                            "reason" => Ok(GeneratedField::Reason),
                            "clientBytes" | "client_bytes" => Ok(GeneratedField::ClientBytes),
                            "serverBytes" | "server_bytes" => Ok(GeneratedField::ServerBytes),
                            "unreadRecords" | "unread_records" => Ok(GeneratedField::UnreadRecords),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Decryption;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Decryption")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Decryption, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut result__ = None;
                let mut reason__ = None;
                let mut client_bytes__ = None;
                let mut server_bytes__ = None;
                let mut unread_records__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Result => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("result"));
                            }
                            result__ = Some(map_.next_value::<DecryptionResult>()? as i32);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ClientBytes => {
                            if client_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("clientBytes"));
                            }
                            client_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ServerBytes => {
                            if server_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("serverBytes"));
                            }
                            server_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::UnreadRecords => {
                            if unread_records__.is_some() {
                                return Err(serde::de::Error::duplicate_field("unreadRecords"));
                            }
                            unread_records__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Decryption {
                    result: result__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                    client_bytes: client_bytes__.unwrap_or_default(),
                    server_bytes: server_bytes__.unwrap_or_default(),
                    unread_records: unread_records__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Decryption", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DecryptionResult {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "DECRYPTION_RESULT_UNSPECIFIED",
            Self::None => "DECRYPTION_RESULT_NONE",
            Self::Part => "DECRYPTION_RESULT_PART",
            Self::Whole => "DECRYPTION_RESULT_WHOLE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for DecryptionResult {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "DECRYPTION_RESULT_UNSPECIFIED",
            "DECRYPTION_RESULT_NONE",
            "DECRYPTION_RESULT_PART",
            "DECRYPTION_RESULT_WHOLE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = DecryptionResult;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "DECRYPTION_RESULT_UNSPECIFIED" => Ok(DecryptionResult::Unspecified),
                    "DECRYPTION_RESULT_NONE" => Ok(DecryptionResult::None),
                    "DECRYPTION_RESULT_PART" => Ok(DecryptionResult::Part),
                    "DECRYPTION_RESULT_WHOLE" => Ok(DecryptionResult::Whole),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Direction {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "DIRECTION_UNSPECIFIED",
            Self::NorthSouthIn => "NORTH_SOUTH_IN",
            Self::NorthSouthOut => "NORTH_SOUTH_OUT",
            Self::EastWest => "EAST_WEST",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Direction {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "DIRECTION_UNSPECIFIED",
            "NORTH_SOUTH_IN",
            "NORTH_SOUTH_OUT",
            "EAST_WEST",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Direction;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "DIRECTION_UNSPECIFIED" => Ok(Direction::Unspecified),
                    "NORTH_SOUTH_IN" => Ok(Direction::NorthSouthIn),
                    "NORTH_SOUTH_OUT" => Ok(Direction::NorthSouthOut),
                    "EAST_WEST" => Ok(Direction::EastWest),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for EncryptedSession {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.start_time.is_some() {
            len += 1;
        }
        if self.end_time.is_some() {
            len += 1;
        }
        if !self.server_name.is_empty() {
            len += 1;
        }
        if !self.alpn.is_empty() {
            len += 1;
        }
        if !self.tls_version.is_empty() {
            len += 1;
        }
        if !self.cipher.is_empty() {
            len += 1;
        }
        if !self.ja4.is_empty() {
            len += 1;
        }
        if !self.ja4s.is_empty() {
            len += 1;
        }
        if self.client_bytes != 0 {
            len += 1;
        }
        if self.server_bytes != 0 {
            len += 1;
        }
        if self.ech {
            len += 1;
        }
        if self.client_certificate.is_some() {
            len += 1;
        }
        if self.client_certificate_requested.is_some() {
            len += 1;
        }
        if !self.alpn_offered.is_empty() {
            len += 1;
        }
        if !self.tls_version_offered.is_empty() {
            len += 1;
        }
        if !self.group.is_empty() {
            len += 1;
        }
        if self.resumed {
            len += 1;
        }
        if self.early_data {
            len += 1;
        }
        if self.certificate.is_some() {
            len += 1;
        }
        if !self.alerts.is_empty() {
            len += 1;
        }
        if self.established {
            len += 1;
        }
        if self.open {
            len += 1;
        }
        if self.part != 0 {
            len += 1;
        }
        if self.handshake_incomplete {
            len += 1;
        }
        if self.retried {
            len += 1;
        }
        if !self.quic_version.is_empty() {
            len += 1;
        }
        if self.decryption.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.EncryptedSession", len)?;
        if let Some(v) = self.start_time.as_ref() {
            struct_ser.serialize_field("start_time", v)?;
        }
        if let Some(v) = self.end_time.as_ref() {
            struct_ser.serialize_field("end_time", v)?;
        }
        if !self.server_name.is_empty() {
            struct_ser.serialize_field("server_name", &self.server_name)?;
        }
        if !self.alpn.is_empty() {
            struct_ser.serialize_field("alpn", &self.alpn)?;
        }
        if !self.tls_version.is_empty() {
            struct_ser.serialize_field("tls_version", &self.tls_version)?;
        }
        if !self.cipher.is_empty() {
            struct_ser.serialize_field("cipher", &self.cipher)?;
        }
        if !self.ja4.is_empty() {
            struct_ser.serialize_field("ja4", &self.ja4)?;
        }
        if !self.ja4s.is_empty() {
            struct_ser.serialize_field("ja4s", &self.ja4s)?;
        }
        if self.client_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("client_bytes", ToString::to_string(&self.client_bytes).as_str())?;
        }
        if self.server_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("server_bytes", ToString::to_string(&self.server_bytes).as_str())?;
        }
        if self.ech {
            struct_ser.serialize_field("ech", &self.ech)?;
        }
        if let Some(v) = self.client_certificate.as_ref() {
            struct_ser.serialize_field("client_certificate", v)?;
        }
        if let Some(v) = self.client_certificate_requested.as_ref() {
            struct_ser.serialize_field("client_certificate_requested", v)?;
        }
        if !self.alpn_offered.is_empty() {
            struct_ser.serialize_field("alpn_offered", &self.alpn_offered)?;
        }
        if !self.tls_version_offered.is_empty() {
            struct_ser.serialize_field("tls_version_offered", &self.tls_version_offered)?;
        }
        if !self.group.is_empty() {
            struct_ser.serialize_field("group", &self.group)?;
        }
        if self.resumed {
            struct_ser.serialize_field("resumed", &self.resumed)?;
        }
        if self.early_data {
            struct_ser.serialize_field("early_data", &self.early_data)?;
        }
        if let Some(v) = self.certificate.as_ref() {
            struct_ser.serialize_field("certificate", v)?;
        }
        if !self.alerts.is_empty() {
            struct_ser.serialize_field("alerts", &self.alerts)?;
        }
        if self.established {
            struct_ser.serialize_field("established", &self.established)?;
        }
        if self.open {
            struct_ser.serialize_field("open", &self.open)?;
        }
        if self.part != 0 {
            struct_ser.serialize_field("part", &self.part)?;
        }
        if self.handshake_incomplete {
            struct_ser.serialize_field("handshake_incomplete", &self.handshake_incomplete)?;
        }
        if self.retried {
            struct_ser.serialize_field("retried", &self.retried)?;
        }
        if !self.quic_version.is_empty() {
            struct_ser.serialize_field("quic_version", &self.quic_version)?;
        }
        if let Some(v) = self.decryption.as_ref() {
            struct_ser.serialize_field("decryption", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for EncryptedSession {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "start_time",
            "startTime",
            "end_time",
            "endTime",
            "server_name",
            "serverName",
            "alpn",
            "tls_version",
            "tlsVersion",
            "cipher",
            "ja4",
            "ja4s",
            "client_bytes",
            "clientBytes",
            "server_bytes",
            "serverBytes",
            "ech",
            "client_certificate",
            "clientCertificate",
            "client_certificate_requested",
            "clientCertificateRequested",
            "alpn_offered",
            "alpnOffered",
            "tls_version_offered",
            "tlsVersionOffered",
            "group",
            "resumed",
            "early_data",
            "earlyData",
            "certificate",
            "alerts",
            "established",
            "open",
            "part",
            "handshake_incomplete",
            "handshakeIncomplete",
            "retried",
            "quic_version",
            "quicVersion",
            "decryption",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            StartTime,
            EndTime,
            ServerName,
            Alpn,
            TlsVersion,
            Cipher,
            Ja4,
            Ja4s,
            ClientBytes,
            ServerBytes,
            Ech,
            ClientCertificate,
            ClientCertificateRequested,
            AlpnOffered,
            TlsVersionOffered,
            Group,
            Resumed,
            EarlyData,
            Certificate,
            Alerts,
            Established,
            Open,
            Part,
            HandshakeIncomplete,
            Retried,
            QuicVersion,
            Decryption,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "startTime" | "start_time" => Ok(GeneratedField::StartTime),
                            "endTime" | "end_time" => Ok(GeneratedField::EndTime),
                            "serverName" | "server_name" => Ok(GeneratedField::ServerName),
                            "alpn" => Ok(GeneratedField::Alpn),
                            "tlsVersion" | "tls_version" => Ok(GeneratedField::TlsVersion),
                            "cipher" => Ok(GeneratedField::Cipher),
                            "ja4" => Ok(GeneratedField::Ja4),
                            "ja4s" => Ok(GeneratedField::Ja4s),
                            "clientBytes" | "client_bytes" => Ok(GeneratedField::ClientBytes),
                            "serverBytes" | "server_bytes" => Ok(GeneratedField::ServerBytes),
                            "ech" => Ok(GeneratedField::Ech),
                            "clientCertificate" | "client_certificate" => Ok(GeneratedField::ClientCertificate),
                            "clientCertificateRequested" | "client_certificate_requested" => Ok(GeneratedField::ClientCertificateRequested),
                            "alpnOffered" | "alpn_offered" => Ok(GeneratedField::AlpnOffered),
                            "tlsVersionOffered" | "tls_version_offered" => Ok(GeneratedField::TlsVersionOffered),
                            "group" => Ok(GeneratedField::Group),
                            "resumed" => Ok(GeneratedField::Resumed),
                            "earlyData" | "early_data" => Ok(GeneratedField::EarlyData),
                            "certificate" => Ok(GeneratedField::Certificate),
                            "alerts" => Ok(GeneratedField::Alerts),
                            "established" => Ok(GeneratedField::Established),
                            "open" => Ok(GeneratedField::Open),
                            "part" => Ok(GeneratedField::Part),
                            "handshakeIncomplete" | "handshake_incomplete" => Ok(GeneratedField::HandshakeIncomplete),
                            "retried" => Ok(GeneratedField::Retried),
                            "quicVersion" | "quic_version" => Ok(GeneratedField::QuicVersion),
                            "decryption" => Ok(GeneratedField::Decryption),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = EncryptedSession;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.EncryptedSession")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<EncryptedSession, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut start_time__ = None;
                let mut end_time__ = None;
                let mut server_name__ = None;
                let mut alpn__ = None;
                let mut tls_version__ = None;
                let mut cipher__ = None;
                let mut ja4__ = None;
                let mut ja4s__ = None;
                let mut client_bytes__ = None;
                let mut server_bytes__ = None;
                let mut ech__ = None;
                let mut client_certificate__ = None;
                let mut client_certificate_requested__ = None;
                let mut alpn_offered__ = None;
                let mut tls_version_offered__ = None;
                let mut group__ = None;
                let mut resumed__ = None;
                let mut early_data__ = None;
                let mut certificate__ = None;
                let mut alerts__ = None;
                let mut established__ = None;
                let mut open__ = None;
                let mut part__ = None;
                let mut handshake_incomplete__ = None;
                let mut retried__ = None;
                let mut quic_version__ = None;
                let mut decryption__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::StartTime => {
                            if start_time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("startTime"));
                            }
                            start_time__ = map_.next_value()?;
                        }
                        GeneratedField::EndTime => {
                            if end_time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endTime"));
                            }
                            end_time__ = map_.next_value()?;
                        }
                        GeneratedField::ServerName => {
                            if server_name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("serverName"));
                            }
                            server_name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Alpn => {
                            if alpn__.is_some() {
                                return Err(serde::de::Error::duplicate_field("alpn"));
                            }
                            alpn__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TlsVersion => {
                            if tls_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tlsVersion"));
                            }
                            tls_version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Cipher => {
                            if cipher__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cipher"));
                            }
                            cipher__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Ja4 => {
                            if ja4__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ja4"));
                            }
                            ja4__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Ja4s => {
                            if ja4s__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ja4s"));
                            }
                            ja4s__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ClientBytes => {
                            if client_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("clientBytes"));
                            }
                            client_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ServerBytes => {
                            if server_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("serverBytes"));
                            }
                            server_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Ech => {
                            if ech__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ech"));
                            }
                            ech__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ClientCertificate => {
                            if client_certificate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("clientCertificate"));
                            }
                            client_certificate__ = map_.next_value()?;
                        }
                        GeneratedField::ClientCertificateRequested => {
                            if client_certificate_requested__.is_some() {
                                return Err(serde::de::Error::duplicate_field("clientCertificateRequested"));
                            }
                            client_certificate_requested__ = map_.next_value()?;
                        }
                        GeneratedField::AlpnOffered => {
                            if alpn_offered__.is_some() {
                                return Err(serde::de::Error::duplicate_field("alpnOffered"));
                            }
                            alpn_offered__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TlsVersionOffered => {
                            if tls_version_offered__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tlsVersionOffered"));
                            }
                            tls_version_offered__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Group => {
                            if group__.is_some() {
                                return Err(serde::de::Error::duplicate_field("group"));
                            }
                            group__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Resumed => {
                            if resumed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resumed"));
                            }
                            resumed__ = Some(map_.next_value()?);
                        }
                        GeneratedField::EarlyData => {
                            if early_data__.is_some() {
                                return Err(serde::de::Error::duplicate_field("earlyData"));
                            }
                            early_data__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Certificate => {
                            if certificate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("certificate"));
                            }
                            certificate__ = map_.next_value()?;
                        }
                        GeneratedField::Alerts => {
                            if alerts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("alerts"));
                            }
                            alerts__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Established => {
                            if established__.is_some() {
                                return Err(serde::de::Error::duplicate_field("established"));
                            }
                            established__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Open => {
                            if open__.is_some() {
                                return Err(serde::de::Error::duplicate_field("open"));
                            }
                            open__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Part => {
                            if part__.is_some() {
                                return Err(serde::de::Error::duplicate_field("part"));
                            }
                            part__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::HandshakeIncomplete => {
                            if handshake_incomplete__.is_some() {
                                return Err(serde::de::Error::duplicate_field("handshakeIncomplete"));
                            }
                            handshake_incomplete__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Retried => {
                            if retried__.is_some() {
                                return Err(serde::de::Error::duplicate_field("retried"));
                            }
                            retried__ = Some(map_.next_value()?);
                        }
                        GeneratedField::QuicVersion => {
                            if quic_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("quicVersion"));
                            }
                            quic_version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Decryption => {
                            if decryption__.is_some() {
                                return Err(serde::de::Error::duplicate_field("decryption"));
                            }
                            decryption__ = map_.next_value()?;
                        }
                    }
                }
                Ok(EncryptedSession {
                    start_time: start_time__,
                    end_time: end_time__,
                    server_name: server_name__.unwrap_or_default(),
                    alpn: alpn__.unwrap_or_default(),
                    tls_version: tls_version__.unwrap_or_default(),
                    cipher: cipher__.unwrap_or_default(),
                    ja4: ja4__.unwrap_or_default(),
                    ja4s: ja4s__.unwrap_or_default(),
                    client_bytes: client_bytes__.unwrap_or_default(),
                    server_bytes: server_bytes__.unwrap_or_default(),
                    ech: ech__.unwrap_or_default(),
                    client_certificate: client_certificate__,
                    client_certificate_requested: client_certificate_requested__,
                    alpn_offered: alpn_offered__.unwrap_or_default(),
                    tls_version_offered: tls_version_offered__.unwrap_or_default(),
                    group: group__.unwrap_or_default(),
                    resumed: resumed__.unwrap_or_default(),
                    early_data: early_data__.unwrap_or_default(),
                    certificate: certificate__,
                    alerts: alerts__.unwrap_or_default(),
                    established: established__.unwrap_or_default(),
                    open: open__.unwrap_or_default(),
                    part: part__.unwrap_or_default(),
                    handshake_incomplete: handshake_incomplete__.unwrap_or_default(),
                    retried: retried__.unwrap_or_default(),
                    quic_version: quic_version__.unwrap_or_default(),
                    decryption: decryption__,
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.EncryptedSession", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Endpoint {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.ip.is_empty() {
            len += 1;
        }
        if self.port != 0 {
            len += 1;
        }
        if !self.mac.is_empty() {
            len += 1;
        }
        if self.kubernetes.is_some() {
            len += 1;
        }
        if self.zone != 0 {
            len += 1;
        }
        if !self.zone_name.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Endpoint", len)?;
        if !self.ip.is_empty() {
            struct_ser.serialize_field("ip", &self.ip)?;
        }
        if self.port != 0 {
            struct_ser.serialize_field("port", &self.port)?;
        }
        if !self.mac.is_empty() {
            struct_ser.serialize_field("mac", &self.mac)?;
        }
        if let Some(v) = self.kubernetes.as_ref() {
            struct_ser.serialize_field("kubernetes", v)?;
        }
        if self.zone != 0 {
            let v = endpoint::Zone::try_from(self.zone)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.zone)))?;
            struct_ser.serialize_field("zone", &v)?;
        }
        if !self.zone_name.is_empty() {
            struct_ser.serialize_field("zone_name", &self.zone_name)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Endpoint {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ip",
            "port",
            "mac",
            "kubernetes",
            "zone",
            "zone_name",
            "zoneName",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Ip,
            Port,
            Mac,
            Kubernetes,
            Zone,
            ZoneName,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "ip" => Ok(GeneratedField::Ip),
                            "port" => Ok(GeneratedField::Port),
                            "mac" => Ok(GeneratedField::Mac),
                            "kubernetes" => Ok(GeneratedField::Kubernetes),
                            "zone" => Ok(GeneratedField::Zone),
                            "zoneName" | "zone_name" => Ok(GeneratedField::ZoneName),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Endpoint;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Endpoint")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Endpoint, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut ip__ = None;
                let mut port__ = None;
                let mut mac__ = None;
                let mut kubernetes__ = None;
                let mut zone__ = None;
                let mut zone_name__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Ip => {
                            if ip__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ip"));
                            }
                            ip__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Port => {
                            if port__.is_some() {
                                return Err(serde::de::Error::duplicate_field("port"));
                            }
                            port__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Mac => {
                            if mac__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mac"));
                            }
                            mac__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Kubernetes => {
                            if kubernetes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kubernetes"));
                            }
                            kubernetes__ = map_.next_value()?;
                        }
                        GeneratedField::Zone => {
                            if zone__.is_some() {
                                return Err(serde::de::Error::duplicate_field("zone"));
                            }
                            zone__ = Some(map_.next_value::<endpoint::Zone>()? as i32);
                        }
                        GeneratedField::ZoneName => {
                            if zone_name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("zoneName"));
                            }
                            zone_name__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Endpoint {
                    ip: ip__.unwrap_or_default(),
                    port: port__.unwrap_or_default(),
                    mac: mac__.unwrap_or_default(),
                    kubernetes: kubernetes__,
                    zone: zone__.unwrap_or_default(),
                    zone_name: zone_name__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Endpoint", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for endpoint::Zone {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ZONE_UNSPECIFIED",
            Self::Internal => "INTERNAL",
            Self::Partner => "PARTNER",
            Self::External => "EXTERNAL",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for endpoint::Zone {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ZONE_UNSPECIFIED",
            "INTERNAL",
            "PARTNER",
            "EXTERNAL",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = endpoint::Zone;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ZONE_UNSPECIFIED" => Ok(endpoint::Zone::Unspecified),
                    "INTERNAL" => Ok(endpoint::Zone::Internal),
                    "PARTNER" => Ok(endpoint::Zone::Partner),
                    "EXTERNAL" => Ok(endpoint::Zone::External),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Entity {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.kind != 0 {
            len += 1;
        }
        if self.value.is_some() {
            len += 1;
        }
        if !self.location.is_empty() {
            len += 1;
        }
        if self.source != 0 {
            len += 1;
        }
        if self.confidence != 0 {
            len += 1;
        }
        if !self.claim.is_empty() {
            len += 1;
        }
        if !self.rule.is_empty() {
            len += 1;
        }
        if self.role != 0 {
            len += 1;
        }
        if !self.learned_from.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Entity", len)?;
        if self.kind != 0 {
            let v = entity::Kind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if let Some(v) = self.value.as_ref() {
            struct_ser.serialize_field("value", v)?;
        }
        if !self.location.is_empty() {
            struct_ser.serialize_field("location", &self.location)?;
        }
        if self.source != 0 {
            let v = evidence::Source::try_from(self.source)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.source)))?;
            struct_ser.serialize_field("source", &v)?;
        }
        if self.confidence != 0 {
            let v = evidence::Confidence::try_from(self.confidence)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.confidence)))?;
            struct_ser.serialize_field("confidence", &v)?;
        }
        if !self.claim.is_empty() {
            struct_ser.serialize_field("claim", &self.claim)?;
        }
        if !self.rule.is_empty() {
            struct_ser.serialize_field("rule", &self.rule)?;
        }
        if self.role != 0 {
            let v = evidence::Role::try_from(self.role)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.role)))?;
            struct_ser.serialize_field("role", &v)?;
        }
        if !self.learned_from.is_empty() {
            struct_ser.serialize_field("learned_from", &self.learned_from)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Entity {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "kind",
            "value",
            "location",
            "source",
            "confidence",
            "claim",
            "rule",
            "role",
            "learned_from",
            "learnedFrom",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Kind,
            Value,
            Location,
            Source,
            Confidence,
            Claim,
            Rule,
            Role,
            LearnedFrom,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "kind" => Ok(GeneratedField::Kind),
                            "value" => Ok(GeneratedField::Value),
                            "location" => Ok(GeneratedField::Location),
                            "source" => Ok(GeneratedField::Source),
                            "confidence" => Ok(GeneratedField::Confidence),
                            "claim" => Ok(GeneratedField::Claim),
                            "rule" => Ok(GeneratedField::Rule),
                            "role" => Ok(GeneratedField::Role),
                            "learnedFrom" | "learned_from" => Ok(GeneratedField::LearnedFrom),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Entity;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Entity")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Entity, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut kind__ = None;
                let mut value__ = None;
                let mut location__ = None;
                let mut source__ = None;
                let mut confidence__ = None;
                let mut claim__ = None;
                let mut rule__ = None;
                let mut role__ = None;
                let mut learned_from__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<entity::Kind>()? as i32);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = map_.next_value()?;
                        }
                        GeneratedField::Location => {
                            if location__.is_some() {
                                return Err(serde::de::Error::duplicate_field("location"));
                            }
                            location__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Source => {
                            if source__.is_some() {
                                return Err(serde::de::Error::duplicate_field("source"));
                            }
                            source__ = Some(map_.next_value::<evidence::Source>()? as i32);
                        }
                        GeneratedField::Confidence => {
                            if confidence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("confidence"));
                            }
                            confidence__ = Some(map_.next_value::<evidence::Confidence>()? as i32);
                        }
                        GeneratedField::Claim => {
                            if claim__.is_some() {
                                return Err(serde::de::Error::duplicate_field("claim"));
                            }
                            claim__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rule => {
                            if rule__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rule"));
                            }
                            rule__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Role => {
                            if role__.is_some() {
                                return Err(serde::de::Error::duplicate_field("role"));
                            }
                            role__ = Some(map_.next_value::<evidence::Role>()? as i32);
                        }
                        GeneratedField::LearnedFrom => {
                            if learned_from__.is_some() {
                                return Err(serde::de::Error::duplicate_field("learnedFrom"));
                            }
                            learned_from__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Entity {
                    kind: kind__.unwrap_or_default(),
                    value: value__,
                    location: location__.unwrap_or_default(),
                    source: source__.unwrap_or_default(),
                    confidence: confidence__.unwrap_or_default(),
                    claim: claim__.unwrap_or_default(),
                    rule: rule__.unwrap_or_default(),
                    role: role__.unwrap_or_default(),
                    learned_from: learned_from__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Entity", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for entity::Kind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "KIND_UNSPECIFIED",
            Self::User => "USER",
            Self::Partner => "PARTNER",
            Self::ApiToken => "API_TOKEN",
            Self::Session => "SESSION",
            Self::Tenant => "TENANT",
            Self::Merchant => "MERCHANT",
            Self::Payment => "PAYMENT",
            Self::Invoice => "INVOICE",
            Self::Order => "ORDER",
            Self::Account => "ACCOUNT",
            Self::Device => "DEVICE",
            Self::Ip => "IP",
            Self::Customer => "CUSTOMER",
            Self::Document => "DOCUMENT",
            Self::Organization => "ORGANIZATION",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for entity::Kind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "KIND_UNSPECIFIED",
            "USER",
            "PARTNER",
            "API_TOKEN",
            "SESSION",
            "TENANT",
            "MERCHANT",
            "PAYMENT",
            "INVOICE",
            "ORDER",
            "ACCOUNT",
            "DEVICE",
            "IP",
            "CUSTOMER",
            "DOCUMENT",
            "ORGANIZATION",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = entity::Kind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "KIND_UNSPECIFIED" => Ok(entity::Kind::Unspecified),
                    "USER" => Ok(entity::Kind::User),
                    "PARTNER" => Ok(entity::Kind::Partner),
                    "API_TOKEN" => Ok(entity::Kind::ApiToken),
                    "SESSION" => Ok(entity::Kind::Session),
                    "TENANT" => Ok(entity::Kind::Tenant),
                    "MERCHANT" => Ok(entity::Kind::Merchant),
                    "PAYMENT" => Ok(entity::Kind::Payment),
                    "INVOICE" => Ok(entity::Kind::Invoice),
                    "ORDER" => Ok(entity::Kind::Order),
                    "ACCOUNT" => Ok(entity::Kind::Account),
                    "DEVICE" => Ok(entity::Kind::Device),
                    "IP" => Ok(entity::Kind::Ip),
                    "CUSTOMER" => Ok(entity::Kind::Customer),
                    "DOCUMENT" => Ok(entity::Kind::Document),
                    "ORGANIZATION" => Ok(entity::Kind::Organization),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Evidence {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("apitap.v1.Evidence", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Evidence {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Evidence;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Evidence")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Evidence, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(Evidence {
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Evidence", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for evidence::Confidence {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "CONFIDENCE_UNSPECIFIED",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for evidence::Confidence {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "CONFIDENCE_UNSPECIFIED",
            "LOW",
            "MEDIUM",
            "HIGH",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = evidence::Confidence;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "CONFIDENCE_UNSPECIFIED" => Ok(evidence::Confidence::Unspecified),
                    "LOW" => Ok(evidence::Confidence::Low),
                    "MEDIUM" => Ok(evidence::Confidence::Medium),
                    "HIGH" => Ok(evidence::Confidence::High),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for evidence::Role {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ROLE_UNSPECIFIED",
            Self::Caller => "CALLER",
            Self::Object => "OBJECT",
            Self::Issued => "ISSUED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for evidence::Role {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ROLE_UNSPECIFIED",
            "CALLER",
            "OBJECT",
            "ISSUED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = evidence::Role;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ROLE_UNSPECIFIED" => Ok(evidence::Role::Unspecified),
                    "CALLER" => Ok(evidence::Role::Caller),
                    "OBJECT" => Ok(evidence::Role::Object),
                    "ISSUED" => Ok(evidence::Role::Issued),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for evidence::Source {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "SOURCE_UNSPECIFIED",
            Self::Credential => "CREDENTIAL",
            Self::Claim => "CLAIM",
            Self::Certificate => "CERTIFICATE",
            Self::Cookie => "COOKIE",
            Self::Header => "HEADER",
            Self::Path => "PATH",
            Self::Query => "QUERY",
            Self::Body => "BODY",
            Self::Response => "RESPONSE",
            Self::Login => "LOGIN",
            Self::Link => "LINK",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for evidence::Source {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "SOURCE_UNSPECIFIED",
            "CREDENTIAL",
            "CLAIM",
            "CERTIFICATE",
            "COOKIE",
            "HEADER",
            "PATH",
            "QUERY",
            "BODY",
            "RESPONSE",
            "LOGIN",
            "LINK",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = evidence::Source;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "SOURCE_UNSPECIFIED" => Ok(evidence::Source::Unspecified),
                    "CREDENTIAL" => Ok(evidence::Source::Credential),
                    "CLAIM" => Ok(evidence::Source::Claim),
                    "CERTIFICATE" => Ok(evidence::Source::Certificate),
                    "COOKIE" => Ok(evidence::Source::Cookie),
                    "HEADER" => Ok(evidence::Source::Header),
                    "PATH" => Ok(evidence::Source::Path),
                    "QUERY" => Ok(evidence::Source::Query),
                    "BODY" => Ok(evidence::Source::Body),
                    "RESPONSE" => Ok(evidence::Source::Response),
                    "LOGIN" => Ok(evidence::Source::Login),
                    "LINK" => Ok(evidence::Source::Link),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Field {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.path.is_empty() {
            len += 1;
        }
        if !self.types.is_empty() {
            len += 1;
        }
        if self.count != 0 {
            len += 1;
        }
        if self.value.is_some() {
            len += 1;
        }
        if !self.more.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Field", len)?;
        if !self.path.is_empty() {
            struct_ser.serialize_field("path", &self.path)?;
        }
        if !self.types.is_empty() {
            let v = self.types.iter().cloned().map(|v| {
                ValueType::try_from(v)
                    .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", v)))
                }).collect::<std::result::Result<Vec<_>, _>>()?;
            struct_ser.serialize_field("types", &v)?;
        }
        if self.count != 0 {
            struct_ser.serialize_field("count", &self.count)?;
        }
        if let Some(v) = self.value.as_ref() {
            struct_ser.serialize_field("value", v)?;
        }
        if !self.more.is_empty() {
            struct_ser.serialize_field("more", &self.more)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Field {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "path",
            "types",
            "count",
            "value",
            "more",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Path,
            Types,
            Count,
            Value,
            More,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "path" => Ok(GeneratedField::Path),
                            "types" => Ok(GeneratedField::Types),
                            "count" => Ok(GeneratedField::Count),
                            "value" => Ok(GeneratedField::Value),
                            "more" => Ok(GeneratedField::More),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Field;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Field")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Field, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut path__ = None;
                let mut types__ = None;
                let mut count__ = None;
                let mut value__ = None;
                let mut more__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Path => {
                            if path__.is_some() {
                                return Err(serde::de::Error::duplicate_field("path"));
                            }
                            path__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Types => {
                            if types__.is_some() {
                                return Err(serde::de::Error::duplicate_field("types"));
                            }
                            types__ = Some(map_.next_value::<Vec<ValueType>>()?.into_iter().map(|x| x as i32).collect());
                        }
                        GeneratedField::Count => {
                            if count__.is_some() {
                                return Err(serde::de::Error::duplicate_field("count"));
                            }
                            count__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = map_.next_value()?;
                        }
                        GeneratedField::More => {
                            if more__.is_some() {
                                return Err(serde::de::Error::duplicate_field("more"));
                            }
                            more__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Field {
                    path: path__.unwrap_or_default(),
                    types: types__.unwrap_or_default(),
                    count: count__.unwrap_or_default(),
                    value: value__,
                    more: more__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Field", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Finding {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.class.is_empty() {
            len += 1;
        }
        if !self.labels.is_empty() {
            len += 1;
        }
        if !self.location.is_empty() {
            len += 1;
        }
        if self.count != 0 {
            len += 1;
        }
        if self.action != 0 {
            len += 1;
        }
        if self.confidence != 0 {
            len += 1;
        }
        if !self.rule.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Finding", len)?;
        if !self.class.is_empty() {
            struct_ser.serialize_field("class", &self.class)?;
        }
        if !self.labels.is_empty() {
            struct_ser.serialize_field("labels", &self.labels)?;
        }
        if !self.location.is_empty() {
            struct_ser.serialize_field("location", &self.location)?;
        }
        if self.count != 0 {
            struct_ser.serialize_field("count", &self.count)?;
        }
        if self.action != 0 {
            let v = finding::Action::try_from(self.action)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.action)))?;
            struct_ser.serialize_field("action", &v)?;
        }
        if self.confidence != 0 {
            let v = finding::Confidence::try_from(self.confidence)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.confidence)))?;
            struct_ser.serialize_field("confidence", &v)?;
        }
        if !self.rule.is_empty() {
            struct_ser.serialize_field("rule", &self.rule)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Finding {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "class",
            "labels",
            "location",
            "count",
            "action",
            "confidence",
            "rule",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Class,
            Labels,
            Location,
            Count,
            Action,
            Confidence,
            Rule,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "class" => Ok(GeneratedField::Class),
                            "labels" => Ok(GeneratedField::Labels),
                            "location" => Ok(GeneratedField::Location),
                            "count" => Ok(GeneratedField::Count),
                            "action" => Ok(GeneratedField::Action),
                            "confidence" => Ok(GeneratedField::Confidence),
                            "rule" => Ok(GeneratedField::Rule),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Finding;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Finding")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Finding, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut class__ = None;
                let mut labels__ = None;
                let mut location__ = None;
                let mut count__ = None;
                let mut action__ = None;
                let mut confidence__ = None;
                let mut rule__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Class => {
                            if class__.is_some() {
                                return Err(serde::de::Error::duplicate_field("class"));
                            }
                            class__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Labels => {
                            if labels__.is_some() {
                                return Err(serde::de::Error::duplicate_field("labels"));
                            }
                            labels__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Location => {
                            if location__.is_some() {
                                return Err(serde::de::Error::duplicate_field("location"));
                            }
                            location__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Count => {
                            if count__.is_some() {
                                return Err(serde::de::Error::duplicate_field("count"));
                            }
                            count__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Action => {
                            if action__.is_some() {
                                return Err(serde::de::Error::duplicate_field("action"));
                            }
                            action__ = Some(map_.next_value::<finding::Action>()? as i32);
                        }
                        GeneratedField::Confidence => {
                            if confidence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("confidence"));
                            }
                            confidence__ = Some(map_.next_value::<finding::Confidence>()? as i32);
                        }
                        GeneratedField::Rule => {
                            if rule__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rule"));
                            }
                            rule__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Finding {
                    class: class__.unwrap_or_default(),
                    labels: labels__.unwrap_or_default(),
                    location: location__.unwrap_or_default(),
                    count: count__.unwrap_or_default(),
                    action: action__.unwrap_or_default(),
                    confidence: confidence__.unwrap_or_default(),
                    rule: rule__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Finding", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for finding::Action {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ACTION_UNSPECIFIED",
            Self::Kept => "KEPT",
            Self::Tokenized => "TOKENIZED",
            Self::Shaped => "SHAPED",
            Self::Dropped => "DROPPED",
            Self::Masked => "MASKED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for finding::Action {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ACTION_UNSPECIFIED",
            "KEPT",
            "TOKENIZED",
            "SHAPED",
            "DROPPED",
            "MASKED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = finding::Action;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ACTION_UNSPECIFIED" => Ok(finding::Action::Unspecified),
                    "KEPT" => Ok(finding::Action::Kept),
                    "TOKENIZED" => Ok(finding::Action::Tokenized),
                    "SHAPED" => Ok(finding::Action::Shaped),
                    "DROPPED" => Ok(finding::Action::Dropped),
                    "MASKED" => Ok(finding::Action::Masked),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for finding::Confidence {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "CONFIDENCE_UNSPECIFIED",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for finding::Confidence {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "CONFIDENCE_UNSPECIFIED",
            "LOW",
            "MEDIUM",
            "HIGH",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = finding::Confidence;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "CONFIDENCE_UNSPECIFIED" => Ok(finding::Confidence::Unspecified),
                    "LOW" => Ok(finding::Confidence::Low),
                    "MEDIUM" => Ok(finding::Confidence::Medium),
                    "HIGH" => Ok(finding::Confidence::High),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Forwarded {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.hops.is_empty() {
            len += 1;
        }
        if !self.proto.is_empty() {
            len += 1;
        }
        if !self.host.is_empty() {
            len += 1;
        }
        if self.conflict {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Forwarded", len)?;
        if !self.hops.is_empty() {
            struct_ser.serialize_field("hops", &self.hops)?;
        }
        if !self.proto.is_empty() {
            struct_ser.serialize_field("proto", &self.proto)?;
        }
        if !self.host.is_empty() {
            struct_ser.serialize_field("host", &self.host)?;
        }
        if self.conflict {
            struct_ser.serialize_field("conflict", &self.conflict)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Forwarded {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "hops",
            "proto",
            "host",
            "conflict",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Hops,
            Proto,
            Host,
            Conflict,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "hops" => Ok(GeneratedField::Hops),
                            "proto" => Ok(GeneratedField::Proto),
                            "host" => Ok(GeneratedField::Host),
                            "conflict" => Ok(GeneratedField::Conflict),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Forwarded;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Forwarded")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Forwarded, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut hops__ = None;
                let mut proto__ = None;
                let mut host__ = None;
                let mut conflict__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Hops => {
                            if hops__.is_some() {
                                return Err(serde::de::Error::duplicate_field("hops"));
                            }
                            hops__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Proto => {
                            if proto__.is_some() {
                                return Err(serde::de::Error::duplicate_field("proto"));
                            }
                            proto__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Host => {
                            if host__.is_some() {
                                return Err(serde::de::Error::duplicate_field("host"));
                            }
                            host__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Conflict => {
                            if conflict__.is_some() {
                                return Err(serde::de::Error::duplicate_field("conflict"));
                            }
                            conflict__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Forwarded {
                    hops: hops__.unwrap_or_default(),
                    proto: proto__.unwrap_or_default(),
                    host: host__.unwrap_or_default(),
                    conflict: conflict__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Forwarded", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for forwarded::Hop {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.ip.is_empty() {
            len += 1;
        }
        if self.port != 0 {
            len += 1;
        }
        if !self.by.is_empty() {
            len += 1;
        }
        if self.trusted {
            len += 1;
        }
        if self.certificate.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Forwarded.Hop", len)?;
        if !self.ip.is_empty() {
            struct_ser.serialize_field("ip", &self.ip)?;
        }
        if self.port != 0 {
            struct_ser.serialize_field("port", &self.port)?;
        }
        if !self.by.is_empty() {
            struct_ser.serialize_field("by", &self.by)?;
        }
        if self.trusted {
            struct_ser.serialize_field("trusted", &self.trusted)?;
        }
        if let Some(v) = self.certificate.as_ref() {
            struct_ser.serialize_field("certificate", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for forwarded::Hop {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ip",
            "port",
            "by",
            "trusted",
            "certificate",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Ip,
            Port,
            By,
            Trusted,
            Certificate,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "ip" => Ok(GeneratedField::Ip),
                            "port" => Ok(GeneratedField::Port),
                            "by" => Ok(GeneratedField::By),
                            "trusted" => Ok(GeneratedField::Trusted),
                            "certificate" => Ok(GeneratedField::Certificate),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = forwarded::Hop;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Forwarded.Hop")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<forwarded::Hop, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut ip__ = None;
                let mut port__ = None;
                let mut by__ = None;
                let mut trusted__ = None;
                let mut certificate__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Ip => {
                            if ip__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ip"));
                            }
                            ip__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Port => {
                            if port__.is_some() {
                                return Err(serde::de::Error::duplicate_field("port"));
                            }
                            port__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::By => {
                            if by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("by"));
                            }
                            by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Trusted => {
                            if trusted__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trusted"));
                            }
                            trusted__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Certificate => {
                            if certificate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("certificate"));
                            }
                            certificate__ = map_.next_value()?;
                        }
                    }
                }
                Ok(forwarded::Hop {
                    ip: ip__.unwrap_or_default(),
                    port: port__.unwrap_or_default(),
                    by: by__.unwrap_or_default(),
                    trusted: trusted__.unwrap_or_default(),
                    certificate: certificate__,
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Forwarded.Hop", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for GraphQl {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.operations.is_empty() {
            len += 1;
        }
        if self.operations_total != 0 {
            len += 1;
        }
        if self.batch {
            len += 1;
        }
        if self.upload {
            len += 1;
        }
        if self.errors != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.GraphQl", len)?;
        if !self.operations.is_empty() {
            struct_ser.serialize_field("operations", &self.operations)?;
        }
        if self.operations_total != 0 {
            struct_ser.serialize_field("operations_total", &self.operations_total)?;
        }
        if self.batch {
            struct_ser.serialize_field("batch", &self.batch)?;
        }
        if self.upload {
            struct_ser.serialize_field("upload", &self.upload)?;
        }
        if self.errors != 0 {
            struct_ser.serialize_field("errors", &self.errors)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for GraphQl {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "operations",
            "operations_total",
            "operationsTotal",
            "batch",
            "upload",
            "errors",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Operations,
            OperationsTotal,
            Batch,
            Upload,
            Errors,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "operations" => Ok(GeneratedField::Operations),
                            "operationsTotal" | "operations_total" => Ok(GeneratedField::OperationsTotal),
                            "batch" => Ok(GeneratedField::Batch),
                            "upload" => Ok(GeneratedField::Upload),
                            "errors" => Ok(GeneratedField::Errors),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = GraphQl;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.GraphQl")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<GraphQl, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut operations__ = None;
                let mut operations_total__ = None;
                let mut batch__ = None;
                let mut upload__ = None;
                let mut errors__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Operations => {
                            if operations__.is_some() {
                                return Err(serde::de::Error::duplicate_field("operations"));
                            }
                            operations__ = Some(map_.next_value()?);
                        }
                        GeneratedField::OperationsTotal => {
                            if operations_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("operationsTotal"));
                            }
                            operations_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Batch => {
                            if batch__.is_some() {
                                return Err(serde::de::Error::duplicate_field("batch"));
                            }
                            batch__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Upload => {
                            if upload__.is_some() {
                                return Err(serde::de::Error::duplicate_field("upload"));
                            }
                            upload__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Errors => {
                            if errors__.is_some() {
                                return Err(serde::de::Error::duplicate_field("errors"));
                            }
                            errors__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(GraphQl {
                    operations: operations__.unwrap_or_default(),
                    operations_total: operations_total__.unwrap_or_default(),
                    batch: batch__.unwrap_or_default(),
                    upload: upload__.unwrap_or_default(),
                    errors: errors__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.GraphQl", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for GraphQlOperation {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.r#type.is_empty() {
            len += 1;
        }
        if !self.name.is_empty() {
            len += 1;
        }
        if !self.root_fields.is_empty() {
            len += 1;
        }
        if self.root_fields_total != 0 {
            len += 1;
        }
        if self.depth != 0 {
            len += 1;
        }
        if self.fields != 0 {
            len += 1;
        }
        if self.aliases != 0 {
            len += 1;
        }
        if self.directives != 0 {
            len += 1;
        }
        if self.fragments != 0 {
            len += 1;
        }
        if self.introspection {
            len += 1;
        }
        if self.variables != 0 {
            len += 1;
        }
        if self.persisted {
            len += 1;
        }
        if self.malformed {
            len += 1;
        }
        if self.errors != 0 {
            len += 1;
        }
        if !self.error_codes.is_empty() {
            len += 1;
        }
        if self.data {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.GraphQlOperation", len)?;
        if !self.r#type.is_empty() {
            struct_ser.serialize_field("type", &self.r#type)?;
        }
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if !self.root_fields.is_empty() {
            struct_ser.serialize_field("root_fields", &self.root_fields)?;
        }
        if self.root_fields_total != 0 {
            struct_ser.serialize_field("root_fields_total", &self.root_fields_total)?;
        }
        if self.depth != 0 {
            struct_ser.serialize_field("depth", &self.depth)?;
        }
        if self.fields != 0 {
            struct_ser.serialize_field("fields", &self.fields)?;
        }
        if self.aliases != 0 {
            struct_ser.serialize_field("aliases", &self.aliases)?;
        }
        if self.directives != 0 {
            struct_ser.serialize_field("directives", &self.directives)?;
        }
        if self.fragments != 0 {
            struct_ser.serialize_field("fragments", &self.fragments)?;
        }
        if self.introspection {
            struct_ser.serialize_field("introspection", &self.introspection)?;
        }
        if self.variables != 0 {
            struct_ser.serialize_field("variables", &self.variables)?;
        }
        if self.persisted {
            struct_ser.serialize_field("persisted", &self.persisted)?;
        }
        if self.malformed {
            struct_ser.serialize_field("malformed", &self.malformed)?;
        }
        if self.errors != 0 {
            struct_ser.serialize_field("errors", &self.errors)?;
        }
        if !self.error_codes.is_empty() {
            struct_ser.serialize_field("error_codes", &self.error_codes)?;
        }
        if self.data {
            struct_ser.serialize_field("data", &self.data)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for GraphQlOperation {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "type",
            "name",
            "root_fields",
            "rootFields",
            "root_fields_total",
            "rootFieldsTotal",
            "depth",
            "fields",
            "aliases",
            "directives",
            "fragments",
            "introspection",
            "variables",
            "persisted",
            "malformed",
            "errors",
            "error_codes",
            "errorCodes",
            "data",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Type,
            Name,
            RootFields,
            RootFieldsTotal,
            Depth,
            Fields,
            Aliases,
            Directives,
            Fragments,
            Introspection,
            Variables,
            Persisted,
            Malformed,
            Errors,
            ErrorCodes,
            Data,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "type" => Ok(GeneratedField::Type),
                            "name" => Ok(GeneratedField::Name),
                            "rootFields" | "root_fields" => Ok(GeneratedField::RootFields),
                            "rootFieldsTotal" | "root_fields_total" => Ok(GeneratedField::RootFieldsTotal),
                            "depth" => Ok(GeneratedField::Depth),
                            "fields" => Ok(GeneratedField::Fields),
                            "aliases" => Ok(GeneratedField::Aliases),
                            "directives" => Ok(GeneratedField::Directives),
                            "fragments" => Ok(GeneratedField::Fragments),
                            "introspection" => Ok(GeneratedField::Introspection),
                            "variables" => Ok(GeneratedField::Variables),
                            "persisted" => Ok(GeneratedField::Persisted),
                            "malformed" => Ok(GeneratedField::Malformed),
                            "errors" => Ok(GeneratedField::Errors),
                            "errorCodes" | "error_codes" => Ok(GeneratedField::ErrorCodes),
                            "data" => Ok(GeneratedField::Data),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = GraphQlOperation;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.GraphQlOperation")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<GraphQlOperation, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut r#type__ = None;
                let mut name__ = None;
                let mut root_fields__ = None;
                let mut root_fields_total__ = None;
                let mut depth__ = None;
                let mut fields__ = None;
                let mut aliases__ = None;
                let mut directives__ = None;
                let mut fragments__ = None;
                let mut introspection__ = None;
                let mut variables__ = None;
                let mut persisted__ = None;
                let mut malformed__ = None;
                let mut errors__ = None;
                let mut error_codes__ = None;
                let mut data__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Type => {
                            if r#type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("type"));
                            }
                            r#type__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RootFields => {
                            if root_fields__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rootFields"));
                            }
                            root_fields__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RootFieldsTotal => {
                            if root_fields_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rootFieldsTotal"));
                            }
                            root_fields_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Depth => {
                            if depth__.is_some() {
                                return Err(serde::de::Error::duplicate_field("depth"));
                            }
                            depth__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Fields => {
                            if fields__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fields"));
                            }
                            fields__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Aliases => {
                            if aliases__.is_some() {
                                return Err(serde::de::Error::duplicate_field("aliases"));
                            }
                            aliases__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Directives => {
                            if directives__.is_some() {
                                return Err(serde::de::Error::duplicate_field("directives"));
                            }
                            directives__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Fragments => {
                            if fragments__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fragments"));
                            }
                            fragments__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Introspection => {
                            if introspection__.is_some() {
                                return Err(serde::de::Error::duplicate_field("introspection"));
                            }
                            introspection__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Variables => {
                            if variables__.is_some() {
                                return Err(serde::de::Error::duplicate_field("variables"));
                            }
                            variables__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Persisted => {
                            if persisted__.is_some() {
                                return Err(serde::de::Error::duplicate_field("persisted"));
                            }
                            persisted__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Malformed => {
                            if malformed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("malformed"));
                            }
                            malformed__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Errors => {
                            if errors__.is_some() {
                                return Err(serde::de::Error::duplicate_field("errors"));
                            }
                            errors__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ErrorCodes => {
                            if error_codes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("errorCodes"));
                            }
                            error_codes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Data => {
                            if data__.is_some() {
                                return Err(serde::de::Error::duplicate_field("data"));
                            }
                            data__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(GraphQlOperation {
                    r#type: r#type__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    root_fields: root_fields__.unwrap_or_default(),
                    root_fields_total: root_fields_total__.unwrap_or_default(),
                    depth: depth__.unwrap_or_default(),
                    fields: fields__.unwrap_or_default(),
                    aliases: aliases__.unwrap_or_default(),
                    directives: directives__.unwrap_or_default(),
                    fragments: fragments__.unwrap_or_default(),
                    introspection: introspection__.unwrap_or_default(),
                    variables: variables__.unwrap_or_default(),
                    persisted: persisted__.unwrap_or_default(),
                    malformed: malformed__.unwrap_or_default(),
                    errors: errors__.unwrap_or_default(),
                    error_codes: error_codes__.unwrap_or_default(),
                    data: data__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.GraphQlOperation", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Grpc {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.service.is_empty() {
            len += 1;
        }
        if !self.method.is_empty() {
            len += 1;
        }
        if self.request_messages != 0 {
            len += 1;
        }
        if self.response_messages != 0 {
            len += 1;
        }
        if self.status.is_some() {
            len += 1;
        }
        if !self.encoding.is_empty() {
            len += 1;
        }
        if self.timeout_ns.is_some() {
            len += 1;
        }
        if self.request_message_bytes != 0 {
            len += 1;
        }
        if self.response_message_bytes != 0 {
            len += 1;
        }
        if self.request_message_bytes_max != 0 {
            len += 1;
        }
        if self.response_message_bytes_max != 0 {
            len += 1;
        }
        if self.request_messages_compressed != 0 {
            len += 1;
        }
        if self.response_messages_compressed != 0 {
            len += 1;
        }
        if self.kind != 0 {
            len += 1;
        }
        if self.messages_described != 0 {
            len += 1;
        }
        if self.messages_misfit != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Grpc", len)?;
        if !self.service.is_empty() {
            struct_ser.serialize_field("service", &self.service)?;
        }
        if !self.method.is_empty() {
            struct_ser.serialize_field("method", &self.method)?;
        }
        if self.request_messages != 0 {
            struct_ser.serialize_field("request_messages", &self.request_messages)?;
        }
        if self.response_messages != 0 {
            struct_ser.serialize_field("response_messages", &self.response_messages)?;
        }
        if let Some(v) = self.status.as_ref() {
            struct_ser.serialize_field("status", v)?;
        }
        if !self.encoding.is_empty() {
            struct_ser.serialize_field("encoding", &self.encoding)?;
        }
        if let Some(v) = self.timeout_ns.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("timeout_ns", ToString::to_string(&v).as_str())?;
        }
        if self.request_message_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("request_message_bytes", ToString::to_string(&self.request_message_bytes).as_str())?;
        }
        if self.response_message_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("response_message_bytes", ToString::to_string(&self.response_message_bytes).as_str())?;
        }
        if self.request_message_bytes_max != 0 {
            struct_ser.serialize_field("request_message_bytes_max", &self.request_message_bytes_max)?;
        }
        if self.response_message_bytes_max != 0 {
            struct_ser.serialize_field("response_message_bytes_max", &self.response_message_bytes_max)?;
        }
        if self.request_messages_compressed != 0 {
            struct_ser.serialize_field("request_messages_compressed", &self.request_messages_compressed)?;
        }
        if self.response_messages_compressed != 0 {
            struct_ser.serialize_field("response_messages_compressed", &self.response_messages_compressed)?;
        }
        if self.kind != 0 {
            let v = grpc::Kind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if self.messages_described != 0 {
            struct_ser.serialize_field("messages_described", &self.messages_described)?;
        }
        if self.messages_misfit != 0 {
            struct_ser.serialize_field("messages_misfit", &self.messages_misfit)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Grpc {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "service",
            "method",
            "request_messages",
            "requestMessages",
            "response_messages",
            "responseMessages",
            "status",
            "encoding",
            "timeout_ns",
            "timeoutNs",
            "request_message_bytes",
            "requestMessageBytes",
            "response_message_bytes",
            "responseMessageBytes",
            "request_message_bytes_max",
            "requestMessageBytesMax",
            "response_message_bytes_max",
            "responseMessageBytesMax",
            "request_messages_compressed",
            "requestMessagesCompressed",
            "response_messages_compressed",
            "responseMessagesCompressed",
            "kind",
            "messages_described",
            "messagesDescribed",
            "messages_misfit",
            "messagesMisfit",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Service,
            Method,
            RequestMessages,
            ResponseMessages,
            Status,
            Encoding,
            TimeoutNs,
            RequestMessageBytes,
            ResponseMessageBytes,
            RequestMessageBytesMax,
            ResponseMessageBytesMax,
            RequestMessagesCompressed,
            ResponseMessagesCompressed,
            Kind,
            MessagesDescribed,
            MessagesMisfit,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "service" => Ok(GeneratedField::Service),
                            "method" => Ok(GeneratedField::Method),
                            "requestMessages" | "request_messages" => Ok(GeneratedField::RequestMessages),
                            "responseMessages" | "response_messages" => Ok(GeneratedField::ResponseMessages),
                            "status" => Ok(GeneratedField::Status),
                            "encoding" => Ok(GeneratedField::Encoding),
                            "timeoutNs" | "timeout_ns" => Ok(GeneratedField::TimeoutNs),
                            "requestMessageBytes" | "request_message_bytes" => Ok(GeneratedField::RequestMessageBytes),
                            "responseMessageBytes" | "response_message_bytes" => Ok(GeneratedField::ResponseMessageBytes),
                            "requestMessageBytesMax" | "request_message_bytes_max" => Ok(GeneratedField::RequestMessageBytesMax),
                            "responseMessageBytesMax" | "response_message_bytes_max" => Ok(GeneratedField::ResponseMessageBytesMax),
                            "requestMessagesCompressed" | "request_messages_compressed" => Ok(GeneratedField::RequestMessagesCompressed),
                            "responseMessagesCompressed" | "response_messages_compressed" => Ok(GeneratedField::ResponseMessagesCompressed),
                            "kind" => Ok(GeneratedField::Kind),
                            "messagesDescribed" | "messages_described" => Ok(GeneratedField::MessagesDescribed),
                            "messagesMisfit" | "messages_misfit" => Ok(GeneratedField::MessagesMisfit),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Grpc;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Grpc")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Grpc, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut service__ = None;
                let mut method__ = None;
                let mut request_messages__ = None;
                let mut response_messages__ = None;
                let mut status__ = None;
                let mut encoding__ = None;
                let mut timeout_ns__ = None;
                let mut request_message_bytes__ = None;
                let mut response_message_bytes__ = None;
                let mut request_message_bytes_max__ = None;
                let mut response_message_bytes_max__ = None;
                let mut request_messages_compressed__ = None;
                let mut response_messages_compressed__ = None;
                let mut kind__ = None;
                let mut messages_described__ = None;
                let mut messages_misfit__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Service => {
                            if service__.is_some() {
                                return Err(serde::de::Error::duplicate_field("service"));
                            }
                            service__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Method => {
                            if method__.is_some() {
                                return Err(serde::de::Error::duplicate_field("method"));
                            }
                            method__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RequestMessages => {
                            if request_messages__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestMessages"));
                            }
                            request_messages__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ResponseMessages => {
                            if response_messages__.is_some() {
                                return Err(serde::de::Error::duplicate_field("responseMessages"));
                            }
                            response_messages__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Status => {
                            if status__.is_some() {
                                return Err(serde::de::Error::duplicate_field("status"));
                            }
                            status__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Encoding => {
                            if encoding__.is_some() {
                                return Err(serde::de::Error::duplicate_field("encoding"));
                            }
                            encoding__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TimeoutNs => {
                            if timeout_ns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("timeoutNs"));
                            }
                            timeout_ns__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::RequestMessageBytes => {
                            if request_message_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestMessageBytes"));
                            }
                            request_message_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ResponseMessageBytes => {
                            if response_message_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("responseMessageBytes"));
                            }
                            response_message_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RequestMessageBytesMax => {
                            if request_message_bytes_max__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestMessageBytesMax"));
                            }
                            request_message_bytes_max__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ResponseMessageBytesMax => {
                            if response_message_bytes_max__.is_some() {
                                return Err(serde::de::Error::duplicate_field("responseMessageBytesMax"));
                            }
                            response_message_bytes_max__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RequestMessagesCompressed => {
                            if request_messages_compressed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestMessagesCompressed"));
                            }
                            request_messages_compressed__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ResponseMessagesCompressed => {
                            if response_messages_compressed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("responseMessagesCompressed"));
                            }
                            response_messages_compressed__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<grpc::Kind>()? as i32);
                        }
                        GeneratedField::MessagesDescribed => {
                            if messages_described__.is_some() {
                                return Err(serde::de::Error::duplicate_field("messagesDescribed"));
                            }
                            messages_described__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MessagesMisfit => {
                            if messages_misfit__.is_some() {
                                return Err(serde::de::Error::duplicate_field("messagesMisfit"));
                            }
                            messages_misfit__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Grpc {
                    service: service__.unwrap_or_default(),
                    method: method__.unwrap_or_default(),
                    request_messages: request_messages__.unwrap_or_default(),
                    response_messages: response_messages__.unwrap_or_default(),
                    status: status__,
                    encoding: encoding__.unwrap_or_default(),
                    timeout_ns: timeout_ns__,
                    request_message_bytes: request_message_bytes__.unwrap_or_default(),
                    response_message_bytes: response_message_bytes__.unwrap_or_default(),
                    request_message_bytes_max: request_message_bytes_max__.unwrap_or_default(),
                    response_message_bytes_max: response_message_bytes_max__.unwrap_or_default(),
                    request_messages_compressed: request_messages_compressed__.unwrap_or_default(),
                    response_messages_compressed: response_messages_compressed__.unwrap_or_default(),
                    kind: kind__.unwrap_or_default(),
                    messages_described: messages_described__.unwrap_or_default(),
                    messages_misfit: messages_misfit__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Grpc", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for grpc::Kind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "KIND_UNSPECIFIED",
            Self::HealthCheck => "HEALTH_CHECK",
            Self::Reflection => "REFLECTION",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for grpc::Kind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "KIND_UNSPECIFIED",
            "HEALTH_CHECK",
            "REFLECTION",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = grpc::Kind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "KIND_UNSPECIFIED" => Ok(grpc::Kind::Unspecified),
                    "HEALTH_CHECK" => Ok(grpc::Kind::HealthCheck),
                    "REFLECTION" => Ok(grpc::Kind::Reflection),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for InventoryDataClass {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.class.is_empty() {
            len += 1;
        }
        if self.outward {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.InventoryDataClass", len)?;
        if !self.class.is_empty() {
            struct_ser.serialize_field("class", &self.class)?;
        }
        if self.outward {
            struct_ser.serialize_field("outward", &self.outward)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for InventoryDataClass {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "class",
            "outward",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Class,
            Outward,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "class" => Ok(GeneratedField::Class),
                            "outward" => Ok(GeneratedField::Outward),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = InventoryDataClass;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.InventoryDataClass")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<InventoryDataClass, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut class__ = None;
                let mut outward__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Class => {
                            if class__.is_some() {
                                return Err(serde::de::Error::duplicate_field("class"));
                            }
                            class__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Outward => {
                            if outward__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outward"));
                            }
                            outward__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(InventoryDataClass {
                    class: class__.unwrap_or_default(),
                    outward: outward__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.InventoryDataClass", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for InventoryEvent {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if self.kind != 0 {
            len += 1;
        }
        if self.time.is_some() {
            len += 1;
        }
        if !self.host.is_empty() {
            len += 1;
        }
        if !self.method.is_empty() {
            len += 1;
        }
        if !self.path_template.is_empty() {
            len += 1;
        }
        if !self.operation.is_empty() {
            len += 1;
        }
        if !self.record_id.is_empty() {
            len += 1;
        }
        if self.status != 0 {
            len += 1;
        }
        if !self.auth_scheme.is_empty() {
            len += 1;
        }
        if self.zone != 0 {
            len += 1;
        }
        if self.server.is_some() {
            len += 1;
        }
        if !self.fields.is_empty() {
            len += 1;
        }
        if self.fields_total != 0 {
            len += 1;
        }
        if !self.data_classes.is_empty() {
            len += 1;
        }
        if self.sensor.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.InventoryEvent", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if self.kind != 0 {
            let v = inventory_event::Kind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if let Some(v) = self.time.as_ref() {
            struct_ser.serialize_field("time", v)?;
        }
        if !self.host.is_empty() {
            struct_ser.serialize_field("host", &self.host)?;
        }
        if !self.method.is_empty() {
            struct_ser.serialize_field("method", &self.method)?;
        }
        if !self.path_template.is_empty() {
            struct_ser.serialize_field("path_template", &self.path_template)?;
        }
        if !self.operation.is_empty() {
            struct_ser.serialize_field("operation", &self.operation)?;
        }
        if !self.record_id.is_empty() {
            struct_ser.serialize_field("record_id", &self.record_id)?;
        }
        if self.status != 0 {
            struct_ser.serialize_field("status", &self.status)?;
        }
        if !self.auth_scheme.is_empty() {
            struct_ser.serialize_field("auth_scheme", &self.auth_scheme)?;
        }
        if self.zone != 0 {
            let v = endpoint::Zone::try_from(self.zone)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.zone)))?;
            struct_ser.serialize_field("zone", &v)?;
        }
        if let Some(v) = self.server.as_ref() {
            struct_ser.serialize_field("server", v)?;
        }
        if !self.fields.is_empty() {
            struct_ser.serialize_field("fields", &self.fields)?;
        }
        if self.fields_total != 0 {
            struct_ser.serialize_field("fields_total", &self.fields_total)?;
        }
        if !self.data_classes.is_empty() {
            struct_ser.serialize_field("data_classes", &self.data_classes)?;
        }
        if let Some(v) = self.sensor.as_ref() {
            struct_ser.serialize_field("sensor", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for InventoryEvent {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "kind",
            "time",
            "host",
            "method",
            "path_template",
            "pathTemplate",
            "operation",
            "record_id",
            "recordId",
            "status",
            "auth_scheme",
            "authScheme",
            "zone",
            "server",
            "fields",
            "fields_total",
            "fieldsTotal",
            "data_classes",
            "dataClasses",
            "sensor",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Kind,
            Time,
            Host,
            Method,
            PathTemplate,
            Operation,
            RecordId,
            Status,
            AuthScheme,
            Zone,
            Server,
            Fields,
            FieldsTotal,
            DataClasses,
            Sensor,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "kind" => Ok(GeneratedField::Kind),
                            "time" => Ok(GeneratedField::Time),
                            "host" => Ok(GeneratedField::Host),
                            "method" => Ok(GeneratedField::Method),
                            "pathTemplate" | "path_template" => Ok(GeneratedField::PathTemplate),
                            "operation" => Ok(GeneratedField::Operation),
                            "recordId" | "record_id" => Ok(GeneratedField::RecordId),
                            "status" => Ok(GeneratedField::Status),
                            "authScheme" | "auth_scheme" => Ok(GeneratedField::AuthScheme),
                            "zone" => Ok(GeneratedField::Zone),
                            "server" => Ok(GeneratedField::Server),
                            "fields" => Ok(GeneratedField::Fields),
                            "fieldsTotal" | "fields_total" => Ok(GeneratedField::FieldsTotal),
                            "dataClasses" | "data_classes" => Ok(GeneratedField::DataClasses),
                            "sensor" => Ok(GeneratedField::Sensor),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = InventoryEvent;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.InventoryEvent")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<InventoryEvent, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut kind__ = None;
                let mut time__ = None;
                let mut host__ = None;
                let mut method__ = None;
                let mut path_template__ = None;
                let mut operation__ = None;
                let mut record_id__ = None;
                let mut status__ = None;
                let mut auth_scheme__ = None;
                let mut zone__ = None;
                let mut server__ = None;
                let mut fields__ = None;
                let mut fields_total__ = None;
                let mut data_classes__ = None;
                let mut sensor__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<inventory_event::Kind>()? as i32);
                        }
                        GeneratedField::Time => {
                            if time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("time"));
                            }
                            time__ = map_.next_value()?;
                        }
                        GeneratedField::Host => {
                            if host__.is_some() {
                                return Err(serde::de::Error::duplicate_field("host"));
                            }
                            host__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Method => {
                            if method__.is_some() {
                                return Err(serde::de::Error::duplicate_field("method"));
                            }
                            method__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PathTemplate => {
                            if path_template__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pathTemplate"));
                            }
                            path_template__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Operation => {
                            if operation__.is_some() {
                                return Err(serde::de::Error::duplicate_field("operation"));
                            }
                            operation__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RecordId => {
                            if record_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("recordId"));
                            }
                            record_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Status => {
                            if status__.is_some() {
                                return Err(serde::de::Error::duplicate_field("status"));
                            }
                            status__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::AuthScheme => {
                            if auth_scheme__.is_some() {
                                return Err(serde::de::Error::duplicate_field("authScheme"));
                            }
                            auth_scheme__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Zone => {
                            if zone__.is_some() {
                                return Err(serde::de::Error::duplicate_field("zone"));
                            }
                            zone__ = Some(map_.next_value::<endpoint::Zone>()? as i32);
                        }
                        GeneratedField::Server => {
                            if server__.is_some() {
                                return Err(serde::de::Error::duplicate_field("server"));
                            }
                            server__ = map_.next_value()?;
                        }
                        GeneratedField::Fields => {
                            if fields__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fields"));
                            }
                            fields__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FieldsTotal => {
                            if fields_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fieldsTotal"));
                            }
                            fields_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::DataClasses => {
                            if data_classes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dataClasses"));
                            }
                            data_classes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Sensor => {
                            if sensor__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sensor"));
                            }
                            sensor__ = map_.next_value()?;
                        }
                    }
                }
                Ok(InventoryEvent {
                    id: id__.unwrap_or_default(),
                    kind: kind__.unwrap_or_default(),
                    time: time__,
                    host: host__.unwrap_or_default(),
                    method: method__.unwrap_or_default(),
                    path_template: path_template__.unwrap_or_default(),
                    operation: operation__.unwrap_or_default(),
                    record_id: record_id__.unwrap_or_default(),
                    status: status__.unwrap_or_default(),
                    auth_scheme: auth_scheme__.unwrap_or_default(),
                    zone: zone__.unwrap_or_default(),
                    server: server__,
                    fields: fields__.unwrap_or_default(),
                    fields_total: fields_total__.unwrap_or_default(),
                    data_classes: data_classes__.unwrap_or_default(),
                    sensor: sensor__,
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.InventoryEvent", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for inventory_event::Kind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "KIND_UNSPECIFIED",
            Self::NewEndpoint => "NEW_ENDPOINT",
            Self::NewField => "NEW_FIELD",
            Self::NewDataClass => "NEW_DATA_CLASS",
            Self::NewCallerZone => "NEW_CALLER_ZONE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for inventory_event::Kind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "KIND_UNSPECIFIED",
            "NEW_ENDPOINT",
            "NEW_FIELD",
            "NEW_DATA_CLASS",
            "NEW_CALLER_ZONE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = inventory_event::Kind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "KIND_UNSPECIFIED" => Ok(inventory_event::Kind::Unspecified),
                    "NEW_ENDPOINT" => Ok(inventory_event::Kind::NewEndpoint),
                    "NEW_FIELD" => Ok(inventory_event::Kind::NewField),
                    "NEW_DATA_CLASS" => Ok(inventory_event::Kind::NewDataClass),
                    "NEW_CALLER_ZONE" => Ok(inventory_event::Kind::NewCallerZone),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for InventoryField {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.location.is_empty() {
            len += 1;
        }
        if !self.media_type.is_empty() {
            len += 1;
        }
        if !self.types.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.InventoryField", len)?;
        if !self.location.is_empty() {
            struct_ser.serialize_field("location", &self.location)?;
        }
        if !self.media_type.is_empty() {
            struct_ser.serialize_field("media_type", &self.media_type)?;
        }
        if !self.types.is_empty() {
            let v = self.types.iter().cloned().map(|v| {
                ValueType::try_from(v)
                    .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", v)))
                }).collect::<std::result::Result<Vec<_>, _>>()?;
            struct_ser.serialize_field("types", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for InventoryField {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "location",
            "media_type",
            "mediaType",
            "types",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Location,
            MediaType,
            Types,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "location" => Ok(GeneratedField::Location),
                            "mediaType" | "media_type" => Ok(GeneratedField::MediaType),
                            "types" => Ok(GeneratedField::Types),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = InventoryField;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.InventoryField")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<InventoryField, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut location__ = None;
                let mut media_type__ = None;
                let mut types__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Location => {
                            if location__.is_some() {
                                return Err(serde::de::Error::duplicate_field("location"));
                            }
                            location__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MediaType => {
                            if media_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mediaType"));
                            }
                            media_type__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Types => {
                            if types__.is_some() {
                                return Err(serde::de::Error::duplicate_field("types"));
                            }
                            types__ = Some(map_.next_value::<Vec<ValueType>>()?.into_iter().map(|x| x as i32).collect());
                        }
                    }
                }
                Ok(InventoryField {
                    location: location__.unwrap_or_default(),
                    media_type: media_type__.unwrap_or_default(),
                    types: types__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.InventoryField", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for JsonRpc {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.version.is_empty() {
            len += 1;
        }
        if !self.calls.is_empty() {
            len += 1;
        }
        if self.calls_total != 0 {
            len += 1;
        }
        if self.batch {
            len += 1;
        }
        if self.notifications != 0 {
            len += 1;
        }
        if self.errors != 0 {
            len += 1;
        }
        if self.mcp {
            len += 1;
        }
        if !self.mcp_version.is_empty() {
            len += 1;
        }
        if self.server_messages != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.JsonRpc", len)?;
        if !self.version.is_empty() {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.calls.is_empty() {
            struct_ser.serialize_field("calls", &self.calls)?;
        }
        if self.calls_total != 0 {
            struct_ser.serialize_field("calls_total", &self.calls_total)?;
        }
        if self.batch {
            struct_ser.serialize_field("batch", &self.batch)?;
        }
        if self.notifications != 0 {
            struct_ser.serialize_field("notifications", &self.notifications)?;
        }
        if self.errors != 0 {
            struct_ser.serialize_field("errors", &self.errors)?;
        }
        if self.mcp {
            struct_ser.serialize_field("mcp", &self.mcp)?;
        }
        if !self.mcp_version.is_empty() {
            struct_ser.serialize_field("mcp_version", &self.mcp_version)?;
        }
        if self.server_messages != 0 {
            struct_ser.serialize_field("server_messages", &self.server_messages)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for JsonRpc {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "version",
            "calls",
            "calls_total",
            "callsTotal",
            "batch",
            "notifications",
            "errors",
            "mcp",
            "mcp_version",
            "mcpVersion",
            "server_messages",
            "serverMessages",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Version,
            Calls,
            CallsTotal,
            Batch,
            Notifications,
            Errors,
            Mcp,
            McpVersion,
            ServerMessages,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "version" => Ok(GeneratedField::Version),
                            "calls" => Ok(GeneratedField::Calls),
                            "callsTotal" | "calls_total" => Ok(GeneratedField::CallsTotal),
                            "batch" => Ok(GeneratedField::Batch),
                            "notifications" => Ok(GeneratedField::Notifications),
                            "errors" => Ok(GeneratedField::Errors),
                            "mcp" => Ok(GeneratedField::Mcp),
                            "mcpVersion" | "mcp_version" => Ok(GeneratedField::McpVersion),
                            "serverMessages" | "server_messages" => Ok(GeneratedField::ServerMessages),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = JsonRpc;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.JsonRpc")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<JsonRpc, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut version__ = None;
                let mut calls__ = None;
                let mut calls_total__ = None;
                let mut batch__ = None;
                let mut notifications__ = None;
                let mut errors__ = None;
                let mut mcp__ = None;
                let mut mcp_version__ = None;
                let mut server_messages__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Calls => {
                            if calls__.is_some() {
                                return Err(serde::de::Error::duplicate_field("calls"));
                            }
                            calls__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CallsTotal => {
                            if calls_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("callsTotal"));
                            }
                            calls_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Batch => {
                            if batch__.is_some() {
                                return Err(serde::de::Error::duplicate_field("batch"));
                            }
                            batch__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Notifications => {
                            if notifications__.is_some() {
                                return Err(serde::de::Error::duplicate_field("notifications"));
                            }
                            notifications__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Errors => {
                            if errors__.is_some() {
                                return Err(serde::de::Error::duplicate_field("errors"));
                            }
                            errors__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Mcp => {
                            if mcp__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mcp"));
                            }
                            mcp__ = Some(map_.next_value()?);
                        }
                        GeneratedField::McpVersion => {
                            if mcp_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mcpVersion"));
                            }
                            mcp_version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ServerMessages => {
                            if server_messages__.is_some() {
                                return Err(serde::de::Error::duplicate_field("serverMessages"));
                            }
                            server_messages__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(JsonRpc {
                    version: version__.unwrap_or_default(),
                    calls: calls__.unwrap_or_default(),
                    calls_total: calls_total__.unwrap_or_default(),
                    batch: batch__.unwrap_or_default(),
                    notifications: notifications__.unwrap_or_default(),
                    errors: errors__.unwrap_or_default(),
                    mcp: mcp__.unwrap_or_default(),
                    mcp_version: mcp_version__.unwrap_or_default(),
                    server_messages: server_messages__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.JsonRpc", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for JsonRpcCall {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.method.is_empty() {
            len += 1;
        }
        if !self.target.is_empty() {
            len += 1;
        }
        if self.notification {
            len += 1;
        }
        if self.error_code.is_some() {
            len += 1;
        }
        if self.answered {
            len += 1;
        }
        if self.tool_error {
            len += 1;
        }
        if self.answer {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.JsonRpcCall", len)?;
        if !self.method.is_empty() {
            struct_ser.serialize_field("method", &self.method)?;
        }
        if !self.target.is_empty() {
            struct_ser.serialize_field("target", &self.target)?;
        }
        if self.notification {
            struct_ser.serialize_field("notification", &self.notification)?;
        }
        if let Some(v) = self.error_code.as_ref() {
            struct_ser.serialize_field("error_code", v)?;
        }
        if self.answered {
            struct_ser.serialize_field("answered", &self.answered)?;
        }
        if self.tool_error {
            struct_ser.serialize_field("tool_error", &self.tool_error)?;
        }
        if self.answer {
            struct_ser.serialize_field("answer", &self.answer)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for JsonRpcCall {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "method",
            "target",
            "notification",
            "error_code",
            "errorCode",
            "answered",
            "tool_error",
            "toolError",
            "answer",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Method,
            Target,
            Notification,
            ErrorCode,
            Answered,
            ToolError,
            Answer,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "method" => Ok(GeneratedField::Method),
                            "target" => Ok(GeneratedField::Target),
                            "notification" => Ok(GeneratedField::Notification),
                            "errorCode" | "error_code" => Ok(GeneratedField::ErrorCode),
                            "answered" => Ok(GeneratedField::Answered),
                            "toolError" | "tool_error" => Ok(GeneratedField::ToolError),
                            "answer" => Ok(GeneratedField::Answer),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = JsonRpcCall;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.JsonRpcCall")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<JsonRpcCall, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut method__ = None;
                let mut target__ = None;
                let mut notification__ = None;
                let mut error_code__ = None;
                let mut answered__ = None;
                let mut tool_error__ = None;
                let mut answer__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Method => {
                            if method__.is_some() {
                                return Err(serde::de::Error::duplicate_field("method"));
                            }
                            method__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Target => {
                            if target__.is_some() {
                                return Err(serde::de::Error::duplicate_field("target"));
                            }
                            target__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Notification => {
                            if notification__.is_some() {
                                return Err(serde::de::Error::duplicate_field("notification"));
                            }
                            notification__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ErrorCode => {
                            if error_code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("errorCode"));
                            }
                            error_code__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Answered => {
                            if answered__.is_some() {
                                return Err(serde::de::Error::duplicate_field("answered"));
                            }
                            answered__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ToolError => {
                            if tool_error__.is_some() {
                                return Err(serde::de::Error::duplicate_field("toolError"));
                            }
                            tool_error__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Answer => {
                            if answer__.is_some() {
                                return Err(serde::de::Error::duplicate_field("answer"));
                            }
                            answer__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(JsonRpcCall {
                    method: method__.unwrap_or_default(),
                    target: target__.unwrap_or_default(),
                    notification: notification__.unwrap_or_default(),
                    error_code: error_code__,
                    answered: answered__.unwrap_or_default(),
                    tool_error: tool_error__.unwrap_or_default(),
                    answer: answer__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.JsonRpcCall", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Jwt {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.algorithm.is_empty() {
            len += 1;
        }
        if self.issuer.is_some() {
            len += 1;
        }
        if self.subject.is_some() {
            len += 1;
        }
        if self.audience.is_some() {
            len += 1;
        }
        if self.expired.is_some() {
            len += 1;
        }
        if !self.scopes.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Jwt", len)?;
        if !self.algorithm.is_empty() {
            struct_ser.serialize_field("algorithm", &self.algorithm)?;
        }
        if let Some(v) = self.issuer.as_ref() {
            struct_ser.serialize_field("issuer", v)?;
        }
        if let Some(v) = self.subject.as_ref() {
            struct_ser.serialize_field("subject", v)?;
        }
        if let Some(v) = self.audience.as_ref() {
            struct_ser.serialize_field("audience", v)?;
        }
        if let Some(v) = self.expired.as_ref() {
            struct_ser.serialize_field("expired", v)?;
        }
        if !self.scopes.is_empty() {
            struct_ser.serialize_field("scopes", &self.scopes)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Jwt {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "algorithm",
            "issuer",
            "subject",
            "audience",
            "expired",
            "scopes",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Algorithm,
            Issuer,
            Subject,
            Audience,
            Expired,
            Scopes,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "algorithm" => Ok(GeneratedField::Algorithm),
                            "issuer" => Ok(GeneratedField::Issuer),
                            "subject" => Ok(GeneratedField::Subject),
                            "audience" => Ok(GeneratedField::Audience),
                            "expired" => Ok(GeneratedField::Expired),
                            "scopes" => Ok(GeneratedField::Scopes),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Jwt;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Jwt")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Jwt, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut algorithm__ = None;
                let mut issuer__ = None;
                let mut subject__ = None;
                let mut audience__ = None;
                let mut expired__ = None;
                let mut scopes__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Algorithm => {
                            if algorithm__.is_some() {
                                return Err(serde::de::Error::duplicate_field("algorithm"));
                            }
                            algorithm__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Issuer => {
                            if issuer__.is_some() {
                                return Err(serde::de::Error::duplicate_field("issuer"));
                            }
                            issuer__ = map_.next_value()?;
                        }
                        GeneratedField::Subject => {
                            if subject__.is_some() {
                                return Err(serde::de::Error::duplicate_field("subject"));
                            }
                            subject__ = map_.next_value()?;
                        }
                        GeneratedField::Audience => {
                            if audience__.is_some() {
                                return Err(serde::de::Error::duplicate_field("audience"));
                            }
                            audience__ = map_.next_value()?;
                        }
                        GeneratedField::Expired => {
                            if expired__.is_some() {
                                return Err(serde::de::Error::duplicate_field("expired"));
                            }
                            expired__ = map_.next_value()?;
                        }
                        GeneratedField::Scopes => {
                            if scopes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("scopes"));
                            }
                            scopes__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Jwt {
                    algorithm: algorithm__.unwrap_or_default(),
                    issuer: issuer__,
                    subject: subject__,
                    audience: audience__,
                    expired: expired__,
                    scopes: scopes__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Jwt", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Kubernetes {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.namespace.is_empty() {
            len += 1;
        }
        if !self.pod.is_empty() {
            len += 1;
        }
        if !self.workload.is_empty() {
            len += 1;
        }
        if !self.service.is_empty() {
            len += 1;
        }
        if !self.node.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Kubernetes", len)?;
        if !self.namespace.is_empty() {
            struct_ser.serialize_field("namespace", &self.namespace)?;
        }
        if !self.pod.is_empty() {
            struct_ser.serialize_field("pod", &self.pod)?;
        }
        if !self.workload.is_empty() {
            struct_ser.serialize_field("workload", &self.workload)?;
        }
        if !self.service.is_empty() {
            struct_ser.serialize_field("service", &self.service)?;
        }
        if !self.node.is_empty() {
            struct_ser.serialize_field("node", &self.node)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Kubernetes {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "namespace",
            "pod",
            "workload",
            "service",
            "node",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Namespace,
            Pod,
            Workload,
            Service,
            Node,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "namespace" => Ok(GeneratedField::Namespace),
                            "pod" => Ok(GeneratedField::Pod),
                            "workload" => Ok(GeneratedField::Workload),
                            "service" => Ok(GeneratedField::Service),
                            "node" => Ok(GeneratedField::Node),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Kubernetes;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Kubernetes")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Kubernetes, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut namespace__ = None;
                let mut pod__ = None;
                let mut workload__ = None;
                let mut service__ = None;
                let mut node__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Namespace => {
                            if namespace__.is_some() {
                                return Err(serde::de::Error::duplicate_field("namespace"));
                            }
                            namespace__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Pod => {
                            if pod__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pod"));
                            }
                            pod__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Workload => {
                            if workload__.is_some() {
                                return Err(serde::de::Error::duplicate_field("workload"));
                            }
                            workload__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Service => {
                            if service__.is_some() {
                                return Err(serde::de::Error::duplicate_field("service"));
                            }
                            service__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Node => {
                            if node__.is_some() {
                                return Err(serde::de::Error::duplicate_field("node"));
                            }
                            node__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Kubernetes {
                    namespace: namespace__.unwrap_or_default(),
                    pod: pod__.unwrap_or_default(),
                    workload: workload__.unwrap_or_default(),
                    service: service__.unwrap_or_default(),
                    node: node__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Kubernetes", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for MimePart {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.media_type.is_empty() {
            len += 1;
        }
        if self.bytes != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.MimePart", len)?;
        if !self.media_type.is_empty() {
            struct_ser.serialize_field("media_type", &self.media_type)?;
        }
        if self.bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for MimePart {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "media_type",
            "mediaType",
            "bytes",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            MediaType,
            Bytes,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "mediaType" | "media_type" => Ok(GeneratedField::MediaType),
                            "bytes" => Ok(GeneratedField::Bytes),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = MimePart;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.MimePart")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<MimePart, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut media_type__ = None;
                let mut bytes__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::MediaType => {
                            if media_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mediaType"));
                            }
                            media_type__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(MimePart {
                    media_type: media_type__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.MimePart", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Network {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.interface.is_empty() {
            len += 1;
        }
        if !self.vlans.is_empty() {
            len += 1;
        }
        if !self.tunnels.is_empty() {
            len += 1;
        }
        if !self.link.is_empty() {
            len += 1;
        }
        if !self.community_id.is_empty() {
            len += 1;
        }
        if self.transport_security != 0 {
            len += 1;
        }
        if self.connection_sequence != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Network", len)?;
        if !self.interface.is_empty() {
            struct_ser.serialize_field("interface", &self.interface)?;
        }
        if !self.vlans.is_empty() {
            struct_ser.serialize_field("vlans", &self.vlans)?;
        }
        if !self.tunnels.is_empty() {
            struct_ser.serialize_field("tunnels", &self.tunnels)?;
        }
        if !self.link.is_empty() {
            struct_ser.serialize_field("link", &self.link)?;
        }
        if !self.community_id.is_empty() {
            struct_ser.serialize_field("community_id", &self.community_id)?;
        }
        if self.transport_security != 0 {
            let v = TransportSecurity::try_from(self.transport_security)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.transport_security)))?;
            struct_ser.serialize_field("transport_security", &v)?;
        }
        if self.connection_sequence != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("connection_sequence", ToString::to_string(&self.connection_sequence).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Network {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "interface",
            "vlans",
            "tunnels",
            "link",
            "community_id",
            "communityId",
            "transport_security",
            "transportSecurity",
            "connection_sequence",
            "connectionSequence",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Interface,
            Vlans,
            Tunnels,
            Link,
            CommunityId,
            TransportSecurity,
            ConnectionSequence,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "interface" => Ok(GeneratedField::Interface),
                            "vlans" => Ok(GeneratedField::Vlans),
                            "tunnels" => Ok(GeneratedField::Tunnels),
                            "link" => Ok(GeneratedField::Link),
                            "communityId" | "community_id" => Ok(GeneratedField::CommunityId),
                            "transportSecurity" | "transport_security" => Ok(GeneratedField::TransportSecurity),
                            "connectionSequence" | "connection_sequence" => Ok(GeneratedField::ConnectionSequence),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Network;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Network")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Network, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut interface__ = None;
                let mut vlans__ = None;
                let mut tunnels__ = None;
                let mut link__ = None;
                let mut community_id__ = None;
                let mut transport_security__ = None;
                let mut connection_sequence__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Interface => {
                            if interface__.is_some() {
                                return Err(serde::de::Error::duplicate_field("interface"));
                            }
                            interface__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Vlans => {
                            if vlans__.is_some() {
                                return Err(serde::de::Error::duplicate_field("vlans"));
                            }
                            vlans__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                        GeneratedField::Tunnels => {
                            if tunnels__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tunnels"));
                            }
                            tunnels__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Link => {
                            if link__.is_some() {
                                return Err(serde::de::Error::duplicate_field("link"));
                            }
                            link__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CommunityId => {
                            if community_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("communityId"));
                            }
                            community_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TransportSecurity => {
                            if transport_security__.is_some() {
                                return Err(serde::de::Error::duplicate_field("transportSecurity"));
                            }
                            transport_security__ = Some(map_.next_value::<TransportSecurity>()? as i32);
                        }
                        GeneratedField::ConnectionSequence => {
                            if connection_sequence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("connectionSequence"));
                            }
                            connection_sequence__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Network {
                    interface: interface__.unwrap_or_default(),
                    vlans: vlans__.unwrap_or_default(),
                    tunnels: tunnels__.unwrap_or_default(),
                    link: link__.unwrap_or_default(),
                    community_id: community_id__.unwrap_or_default(),
                    transport_security: transport_security__.unwrap_or_default(),
                    connection_sequence: connection_sequence__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Network", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ObjectRef {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.name.is_empty() {
            len += 1;
        }
        if !self.location.is_empty() {
            len += 1;
        }
        if self.value.is_some() {
            len += 1;
        }
        if !self.class.is_empty() {
            len += 1;
        }
        if self.step.is_some() {
            len += 1;
        }
        if self.kind != 0 {
            len += 1;
        }
        if self.returned {
            len += 1;
        }
        if self.run != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.ObjectRef", len)?;
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if !self.location.is_empty() {
            struct_ser.serialize_field("location", &self.location)?;
        }
        if let Some(v) = self.value.as_ref() {
            struct_ser.serialize_field("value", v)?;
        }
        if !self.class.is_empty() {
            struct_ser.serialize_field("class", &self.class)?;
        }
        if let Some(v) = self.step.as_ref() {
            struct_ser.serialize_field("step", v)?;
        }
        if self.kind != 0 {
            let v = entity::Kind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if self.returned {
            struct_ser.serialize_field("returned", &self.returned)?;
        }
        if self.run != 0 {
            struct_ser.serialize_field("run", &self.run)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ObjectRef {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "location",
            "value",
            "class",
            "step",
            "kind",
            "returned",
            "run",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Location,
            Value,
            Class,
            Step,
            Kind,
            Returned,
            Run,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "location" => Ok(GeneratedField::Location),
                            "value" => Ok(GeneratedField::Value),
                            "class" => Ok(GeneratedField::Class),
                            "step" => Ok(GeneratedField::Step),
                            "kind" => Ok(GeneratedField::Kind),
                            "returned" => Ok(GeneratedField::Returned),
                            "run" => Ok(GeneratedField::Run),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ObjectRef;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.ObjectRef")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ObjectRef, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut location__ = None;
                let mut value__ = None;
                let mut class__ = None;
                let mut step__ = None;
                let mut kind__ = None;
                let mut returned__ = None;
                let mut run__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Location => {
                            if location__.is_some() {
                                return Err(serde::de::Error::duplicate_field("location"));
                            }
                            location__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = map_.next_value()?;
                        }
                        GeneratedField::Class => {
                            if class__.is_some() {
                                return Err(serde::de::Error::duplicate_field("class"));
                            }
                            class__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Step => {
                            if step__.is_some() {
                                return Err(serde::de::Error::duplicate_field("step"));
                            }
                            step__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<entity::Kind>()? as i32);
                        }
                        GeneratedField::Returned => {
                            if returned__.is_some() {
                                return Err(serde::de::Error::duplicate_field("returned"));
                            }
                            returned__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Run => {
                            if run__.is_some() {
                                return Err(serde::de::Error::duplicate_field("run"));
                            }
                            run__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ObjectRef {
                    name: name__.unwrap_or_default(),
                    location: location__.unwrap_or_default(),
                    value: value__,
                    class: class__.unwrap_or_default(),
                    step: step__,
                    kind: kind__.unwrap_or_default(),
                    returned: returned__.unwrap_or_default(),
                    run: run__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.ObjectRef", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Pagination {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.style != 0 {
            len += 1;
        }
        if self.page.is_some() {
            len += 1;
        }
        if self.offset.is_some() {
            len += 1;
        }
        if self.limit.is_some() {
            len += 1;
        }
        if self.more.is_some() {
            len += 1;
        }
        if !self.location.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Pagination", len)?;
        if self.style != 0 {
            let v = pagination::Style::try_from(self.style)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.style)))?;
            struct_ser.serialize_field("style", &v)?;
        }
        if let Some(v) = self.page.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("page", ToString::to_string(&v).as_str())?;
        }
        if let Some(v) = self.offset.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("offset", ToString::to_string(&v).as_str())?;
        }
        if let Some(v) = self.limit.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("limit", ToString::to_string(&v).as_str())?;
        }
        if let Some(v) = self.more.as_ref() {
            struct_ser.serialize_field("more", v)?;
        }
        if !self.location.is_empty() {
            struct_ser.serialize_field("location", &self.location)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Pagination {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "style",
            "page",
            "offset",
            "limit",
            "more",
            "location",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Style,
            Page,
            Offset,
            Limit,
            More,
            Location,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "style" => Ok(GeneratedField::Style),
                            "page" => Ok(GeneratedField::Page),
                            "offset" => Ok(GeneratedField::Offset),
                            "limit" => Ok(GeneratedField::Limit),
                            "more" => Ok(GeneratedField::More),
                            "location" => Ok(GeneratedField::Location),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Pagination;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Pagination")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Pagination, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut style__ = None;
                let mut page__ = None;
                let mut offset__ = None;
                let mut limit__ = None;
                let mut more__ = None;
                let mut location__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Style => {
                            if style__.is_some() {
                                return Err(serde::de::Error::duplicate_field("style"));
                            }
                            style__ = Some(map_.next_value::<pagination::Style>()? as i32);
                        }
                        GeneratedField::Page => {
                            if page__.is_some() {
                                return Err(serde::de::Error::duplicate_field("page"));
                            }
                            page__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Offset => {
                            if offset__.is_some() {
                                return Err(serde::de::Error::duplicate_field("offset"));
                            }
                            offset__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Limit => {
                            if limit__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limit"));
                            }
                            limit__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::More => {
                            if more__.is_some() {
                                return Err(serde::de::Error::duplicate_field("more"));
                            }
                            more__ = map_.next_value()?;
                        }
                        GeneratedField::Location => {
                            if location__.is_some() {
                                return Err(serde::de::Error::duplicate_field("location"));
                            }
                            location__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Pagination {
                    style: style__.unwrap_or_default(),
                    page: page__,
                    offset: offset__,
                    limit: limit__,
                    more: more__,
                    location: location__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Pagination", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for pagination::Style {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "STYLE_UNSPECIFIED",
            Self::Page => "PAGE",
            Self::Offset => "OFFSET",
            Self::Cursor => "CURSOR",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for pagination::Style {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "STYLE_UNSPECIFIED",
            "PAGE",
            "OFFSET",
            "CURSOR",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = pagination::Style;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "STYLE_UNSPECIFIED" => Ok(pagination::Style::Unspecified),
                    "PAGE" => Ok(pagination::Style::Page),
                    "OFFSET" => Ok(pagination::Style::Offset),
                    "CURSOR" => Ok(pagination::Style::Cursor),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Parameter {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.name.is_empty() {
            len += 1;
        }
        if self.value.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Parameter", len)?;
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if let Some(v) = self.value.as_ref() {
            struct_ser.serialize_field("value", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Parameter {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "value",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Value,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "value" => Ok(GeneratedField::Value),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Parameter;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Parameter")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Parameter, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut value__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Parameter {
                    name: name__.unwrap_or_default(),
                    value: value__,
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Parameter", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for PreviousToken {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.key_id.is_empty() {
            len += 1;
        }
        if !self.text.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.PreviousToken", len)?;
        if !self.key_id.is_empty() {
            struct_ser.serialize_field("key_id", &self.key_id)?;
        }
        if !self.text.is_empty() {
            struct_ser.serialize_field("text", &self.text)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for PreviousToken {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "key_id",
            "keyId",
            "text",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            KeyId,
            Text,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "keyId" | "key_id" => Ok(GeneratedField::KeyId),
                            "text" => Ok(GeneratedField::Text),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = PreviousToken;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.PreviousToken")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<PreviousToken, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut key_id__ = None;
                let mut text__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::KeyId => {
                            if key_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("keyId"));
                            }
                            key_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Text => {
                            if text__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            text__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(PreviousToken {
                    key_id: key_id__.unwrap_or_default(),
                    text: text__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.PreviousToken", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Protocol {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "PROTOCOL_UNSPECIFIED",
            Self::Http1 => "HTTP1",
            Self::Http2 => "HTTP2",
            Self::Http3 => "HTTP3",
            Self::Grpc => "GRPC",
            Self::GrpcWeb => "GRPC_WEB",
            Self::Websocket => "WEBSOCKET",
            Self::Tls => "TLS",
            Self::Quic => "QUIC",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Protocol {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "PROTOCOL_UNSPECIFIED",
            "HTTP1",
            "HTTP2",
            "HTTP3",
            "GRPC",
            "GRPC_WEB",
            "WEBSOCKET",
            "TLS",
            "QUIC",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Protocol;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "PROTOCOL_UNSPECIFIED" => Ok(Protocol::Unspecified),
                    "HTTP1" => Ok(Protocol::Http1),
                    "HTTP2" => Ok(Protocol::Http2),
                    "HTTP3" => Ok(Protocol::Http3),
                    "GRPC" => Ok(Protocol::Grpc),
                    "GRPC_WEB" => Ok(Protocol::GrpcWeb),
                    "WEBSOCKET" => Ok(Protocol::Websocket),
                    "TLS" => Ok(Protocol::Tls),
                    "QUIC" => Ok(Protocol::Quic),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Request {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.start_time.is_some() {
            len += 1;
        }
        if self.end_time.is_some() {
            len += 1;
        }
        if !self.method.is_empty() {
            len += 1;
        }
        if !self.scheme.is_empty() {
            len += 1;
        }
        if !self.host.is_empty() {
            len += 1;
        }
        if self.port != 0 {
            len += 1;
        }
        if !self.path_template.is_empty() {
            len += 1;
        }
        if self.template_source != 0 {
            len += 1;
        }
        if self.path_token.is_some() {
            len += 1;
        }
        if !self.path_params.is_empty() {
            len += 1;
        }
        if !self.query.is_empty() {
            len += 1;
        }
        if !self.headers.is_empty() {
            len += 1;
        }
        if !self.cookies.is_empty() {
            len += 1;
        }
        if self.body.is_some() {
            len += 1;
        }
        if self.bytes != 0 {
            len += 1;
        }
        if !self.http_version.is_empty() {
            len += 1;
        }
        if !self.trailers.is_empty() {
            len += 1;
        }
        if !self.cut_lists.is_empty() {
            len += 1;
        }
        if self.pagination.is_some() {
            len += 1;
        }
        if self.template_confidence != 0 {
            len += 1;
        }
        if self.template_version != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Request", len)?;
        if let Some(v) = self.start_time.as_ref() {
            struct_ser.serialize_field("start_time", v)?;
        }
        if let Some(v) = self.end_time.as_ref() {
            struct_ser.serialize_field("end_time", v)?;
        }
        if !self.method.is_empty() {
            struct_ser.serialize_field("method", &self.method)?;
        }
        if !self.scheme.is_empty() {
            struct_ser.serialize_field("scheme", &self.scheme)?;
        }
        if !self.host.is_empty() {
            struct_ser.serialize_field("host", &self.host)?;
        }
        if self.port != 0 {
            struct_ser.serialize_field("port", &self.port)?;
        }
        if !self.path_template.is_empty() {
            struct_ser.serialize_field("path_template", &self.path_template)?;
        }
        if self.template_source != 0 {
            let v = TemplateSource::try_from(self.template_source)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.template_source)))?;
            struct_ser.serialize_field("template_source", &v)?;
        }
        if let Some(v) = self.path_token.as_ref() {
            struct_ser.serialize_field("path_token", v)?;
        }
        if !self.path_params.is_empty() {
            struct_ser.serialize_field("path_params", &self.path_params)?;
        }
        if !self.query.is_empty() {
            struct_ser.serialize_field("query", &self.query)?;
        }
        if !self.headers.is_empty() {
            struct_ser.serialize_field("headers", &self.headers)?;
        }
        if !self.cookies.is_empty() {
            struct_ser.serialize_field("cookies", &self.cookies)?;
        }
        if let Some(v) = self.body.as_ref() {
            struct_ser.serialize_field("body", v)?;
        }
        if self.bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if !self.http_version.is_empty() {
            struct_ser.serialize_field("http_version", &self.http_version)?;
        }
        if !self.trailers.is_empty() {
            struct_ser.serialize_field("trailers", &self.trailers)?;
        }
        if !self.cut_lists.is_empty() {
            struct_ser.serialize_field("cut_lists", &self.cut_lists)?;
        }
        if let Some(v) = self.pagination.as_ref() {
            struct_ser.serialize_field("pagination", v)?;
        }
        if self.template_confidence != 0 {
            struct_ser.serialize_field("template_confidence", &self.template_confidence)?;
        }
        if self.template_version != 0 {
            struct_ser.serialize_field("template_version", &self.template_version)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Request {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "start_time",
            "startTime",
            "end_time",
            "endTime",
            "method",
            "scheme",
            "host",
            "port",
            "path_template",
            "pathTemplate",
            "template_source",
            "templateSource",
            "path_token",
            "pathToken",
            "path_params",
            "pathParams",
            "query",
            "headers",
            "cookies",
            "body",
            "bytes",
            "http_version",
            "httpVersion",
            "trailers",
            "cut_lists",
            "cutLists",
            "pagination",
            "template_confidence",
            "templateConfidence",
            "template_version",
            "templateVersion",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            StartTime,
            EndTime,
            Method,
            Scheme,
            Host,
            Port,
            PathTemplate,
            TemplateSource,
            PathToken,
            PathParams,
            Query,
            Headers,
            Cookies,
            Body,
            Bytes,
            HttpVersion,
            Trailers,
            CutLists,
            Pagination,
            TemplateConfidence,
            TemplateVersion,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "startTime" | "start_time" => Ok(GeneratedField::StartTime),
                            "endTime" | "end_time" => Ok(GeneratedField::EndTime),
                            "method" => Ok(GeneratedField::Method),
                            "scheme" => Ok(GeneratedField::Scheme),
                            "host" => Ok(GeneratedField::Host),
                            "port" => Ok(GeneratedField::Port),
                            "pathTemplate" | "path_template" => Ok(GeneratedField::PathTemplate),
                            "templateSource" | "template_source" => Ok(GeneratedField::TemplateSource),
                            "pathToken" | "path_token" => Ok(GeneratedField::PathToken),
                            "pathParams" | "path_params" => Ok(GeneratedField::PathParams),
                            "query" => Ok(GeneratedField::Query),
                            "headers" => Ok(GeneratedField::Headers),
                            "cookies" => Ok(GeneratedField::Cookies),
                            "body" => Ok(GeneratedField::Body),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "httpVersion" | "http_version" => Ok(GeneratedField::HttpVersion),
                            "trailers" => Ok(GeneratedField::Trailers),
                            "cutLists" | "cut_lists" => Ok(GeneratedField::CutLists),
                            "pagination" => Ok(GeneratedField::Pagination),
                            "templateConfidence" | "template_confidence" => Ok(GeneratedField::TemplateConfidence),
                            "templateVersion" | "template_version" => Ok(GeneratedField::TemplateVersion),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Request;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Request")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Request, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut start_time__ = None;
                let mut end_time__ = None;
                let mut method__ = None;
                let mut scheme__ = None;
                let mut host__ = None;
                let mut port__ = None;
                let mut path_template__ = None;
                let mut template_source__ = None;
                let mut path_token__ = None;
                let mut path_params__ = None;
                let mut query__ = None;
                let mut headers__ = None;
                let mut cookies__ = None;
                let mut body__ = None;
                let mut bytes__ = None;
                let mut http_version__ = None;
                let mut trailers__ = None;
                let mut cut_lists__ = None;
                let mut pagination__ = None;
                let mut template_confidence__ = None;
                let mut template_version__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::StartTime => {
                            if start_time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("startTime"));
                            }
                            start_time__ = map_.next_value()?;
                        }
                        GeneratedField::EndTime => {
                            if end_time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endTime"));
                            }
                            end_time__ = map_.next_value()?;
                        }
                        GeneratedField::Method => {
                            if method__.is_some() {
                                return Err(serde::de::Error::duplicate_field("method"));
                            }
                            method__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Scheme => {
                            if scheme__.is_some() {
                                return Err(serde::de::Error::duplicate_field("scheme"));
                            }
                            scheme__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Host => {
                            if host__.is_some() {
                                return Err(serde::de::Error::duplicate_field("host"));
                            }
                            host__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Port => {
                            if port__.is_some() {
                                return Err(serde::de::Error::duplicate_field("port"));
                            }
                            port__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::PathTemplate => {
                            if path_template__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pathTemplate"));
                            }
                            path_template__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TemplateSource => {
                            if template_source__.is_some() {
                                return Err(serde::de::Error::duplicate_field("templateSource"));
                            }
                            template_source__ = Some(map_.next_value::<TemplateSource>()? as i32);
                        }
                        GeneratedField::PathToken => {
                            if path_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pathToken"));
                            }
                            path_token__ = map_.next_value()?;
                        }
                        GeneratedField::PathParams => {
                            if path_params__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pathParams"));
                            }
                            path_params__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Query => {
                            if query__.is_some() {
                                return Err(serde::de::Error::duplicate_field("query"));
                            }
                            query__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Headers => {
                            if headers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("headers"));
                            }
                            headers__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Cookies => {
                            if cookies__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cookies"));
                            }
                            cookies__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Body => {
                            if body__.is_some() {
                                return Err(serde::de::Error::duplicate_field("body"));
                            }
                            body__ = map_.next_value()?;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::HttpVersion => {
                            if http_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("httpVersion"));
                            }
                            http_version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Trailers => {
                            if trailers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trailers"));
                            }
                            trailers__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CutLists => {
                            if cut_lists__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cutLists"));
                            }
                            cut_lists__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Pagination => {
                            if pagination__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pagination"));
                            }
                            pagination__ = map_.next_value()?;
                        }
                        GeneratedField::TemplateConfidence => {
                            if template_confidence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("templateConfidence"));
                            }
                            template_confidence__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::TemplateVersion => {
                            if template_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("templateVersion"));
                            }
                            template_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Request {
                    start_time: start_time__,
                    end_time: end_time__,
                    method: method__.unwrap_or_default(),
                    scheme: scheme__.unwrap_or_default(),
                    host: host__.unwrap_or_default(),
                    port: port__.unwrap_or_default(),
                    path_template: path_template__.unwrap_or_default(),
                    template_source: template_source__.unwrap_or_default(),
                    path_token: path_token__,
                    path_params: path_params__.unwrap_or_default(),
                    query: query__.unwrap_or_default(),
                    headers: headers__.unwrap_or_default(),
                    cookies: cookies__.unwrap_or_default(),
                    body: body__,
                    bytes: bytes__.unwrap_or_default(),
                    http_version: http_version__.unwrap_or_default(),
                    trailers: trailers__.unwrap_or_default(),
                    cut_lists: cut_lists__.unwrap_or_default(),
                    pagination: pagination__,
                    template_confidence: template_confidence__.unwrap_or_default(),
                    template_version: template_version__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Request", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Response {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.start_time.is_some() {
            len += 1;
        }
        if self.end_time.is_some() {
            len += 1;
        }
        if self.status != 0 {
            len += 1;
        }
        if !self.headers.is_empty() {
            len += 1;
        }
        if !self.cookies.is_empty() {
            len += 1;
        }
        if self.body.is_some() {
            len += 1;
        }
        if self.bytes != 0 {
            len += 1;
        }
        if !self.http_version.is_empty() {
            len += 1;
        }
        if !self.trailers.is_empty() {
            len += 1;
        }
        if self.interim_responses != 0 {
            len += 1;
        }
        if self.latency_ns.is_some() {
            len += 1;
        }
        if self.grpc_status.is_some() {
            len += 1;
        }
        if !self.cut_lists.is_empty() {
            len += 1;
        }
        if self.pagination.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Response", len)?;
        if let Some(v) = self.start_time.as_ref() {
            struct_ser.serialize_field("start_time", v)?;
        }
        if let Some(v) = self.end_time.as_ref() {
            struct_ser.serialize_field("end_time", v)?;
        }
        if self.status != 0 {
            struct_ser.serialize_field("status", &self.status)?;
        }
        if !self.headers.is_empty() {
            struct_ser.serialize_field("headers", &self.headers)?;
        }
        if !self.cookies.is_empty() {
            struct_ser.serialize_field("cookies", &self.cookies)?;
        }
        if let Some(v) = self.body.as_ref() {
            struct_ser.serialize_field("body", v)?;
        }
        if self.bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if !self.http_version.is_empty() {
            struct_ser.serialize_field("http_version", &self.http_version)?;
        }
        if !self.trailers.is_empty() {
            struct_ser.serialize_field("trailers", &self.trailers)?;
        }
        if self.interim_responses != 0 {
            struct_ser.serialize_field("interim_responses", &self.interim_responses)?;
        }
        if let Some(v) = self.latency_ns.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("latency_ns", ToString::to_string(&v).as_str())?;
        }
        if let Some(v) = self.grpc_status.as_ref() {
            struct_ser.serialize_field("grpc_status", v)?;
        }
        if !self.cut_lists.is_empty() {
            struct_ser.serialize_field("cut_lists", &self.cut_lists)?;
        }
        if let Some(v) = self.pagination.as_ref() {
            struct_ser.serialize_field("pagination", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Response {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "start_time",
            "startTime",
            "end_time",
            "endTime",
            "status",
            "headers",
            "cookies",
            "body",
            "bytes",
            "http_version",
            "httpVersion",
            "trailers",
            "interim_responses",
            "interimResponses",
            "latency_ns",
            "latencyNs",
            "grpc_status",
            "grpcStatus",
            "cut_lists",
            "cutLists",
            "pagination",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            StartTime,
            EndTime,
            Status,
            Headers,
            Cookies,
            Body,
            Bytes,
            HttpVersion,
            Trailers,
            InterimResponses,
            LatencyNs,
            GrpcStatus,
            CutLists,
            Pagination,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "startTime" | "start_time" => Ok(GeneratedField::StartTime),
                            "endTime" | "end_time" => Ok(GeneratedField::EndTime),
                            "status" => Ok(GeneratedField::Status),
                            "headers" => Ok(GeneratedField::Headers),
                            "cookies" => Ok(GeneratedField::Cookies),
                            "body" => Ok(GeneratedField::Body),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "httpVersion" | "http_version" => Ok(GeneratedField::HttpVersion),
                            "trailers" => Ok(GeneratedField::Trailers),
                            "interimResponses" | "interim_responses" => Ok(GeneratedField::InterimResponses),
                            "latencyNs" | "latency_ns" => Ok(GeneratedField::LatencyNs),
                            "grpcStatus" | "grpc_status" => Ok(GeneratedField::GrpcStatus),
                            "cutLists" | "cut_lists" => Ok(GeneratedField::CutLists),
                            "pagination" => Ok(GeneratedField::Pagination),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Response;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Response")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Response, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut start_time__ = None;
                let mut end_time__ = None;
                let mut status__ = None;
                let mut headers__ = None;
                let mut cookies__ = None;
                let mut body__ = None;
                let mut bytes__ = None;
                let mut http_version__ = None;
                let mut trailers__ = None;
                let mut interim_responses__ = None;
                let mut latency_ns__ = None;
                let mut grpc_status__ = None;
                let mut cut_lists__ = None;
                let mut pagination__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::StartTime => {
                            if start_time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("startTime"));
                            }
                            start_time__ = map_.next_value()?;
                        }
                        GeneratedField::EndTime => {
                            if end_time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endTime"));
                            }
                            end_time__ = map_.next_value()?;
                        }
                        GeneratedField::Status => {
                            if status__.is_some() {
                                return Err(serde::de::Error::duplicate_field("status"));
                            }
                            status__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Headers => {
                            if headers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("headers"));
                            }
                            headers__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Cookies => {
                            if cookies__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cookies"));
                            }
                            cookies__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Body => {
                            if body__.is_some() {
                                return Err(serde::de::Error::duplicate_field("body"));
                            }
                            body__ = map_.next_value()?;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::HttpVersion => {
                            if http_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("httpVersion"));
                            }
                            http_version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Trailers => {
                            if trailers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trailers"));
                            }
                            trailers__ = Some(map_.next_value()?);
                        }
                        GeneratedField::InterimResponses => {
                            if interim_responses__.is_some() {
                                return Err(serde::de::Error::duplicate_field("interimResponses"));
                            }
                            interim_responses__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LatencyNs => {
                            if latency_ns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("latencyNs"));
                            }
                            latency_ns__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::GrpcStatus => {
                            if grpc_status__.is_some() {
                                return Err(serde::de::Error::duplicate_field("grpcStatus"));
                            }
                            grpc_status__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::CutLists => {
                            if cut_lists__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cutLists"));
                            }
                            cut_lists__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Pagination => {
                            if pagination__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pagination"));
                            }
                            pagination__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Response {
                    start_time: start_time__,
                    end_time: end_time__,
                    status: status__.unwrap_or_default(),
                    headers: headers__.unwrap_or_default(),
                    cookies: cookies__.unwrap_or_default(),
                    body: body__,
                    bytes: bytes__.unwrap_or_default(),
                    http_version: http_version__.unwrap_or_default(),
                    trailers: trailers__.unwrap_or_default(),
                    interim_responses: interim_responses__.unwrap_or_default(),
                    latency_ns: latency_ns__,
                    grpc_status: grpc_status__,
                    cut_lists: cut_lists__.unwrap_or_default(),
                    pagination: pagination__,
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Response", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Sensor {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if !self.version.is_empty() {
            len += 1;
        }
        if !self.config_id.is_empty() {
            len += 1;
        }
        if !self.key_id.is_empty() {
            len += 1;
        }
        if self.sequence != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Sensor", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if !self.version.is_empty() {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.config_id.is_empty() {
            struct_ser.serialize_field("config_id", &self.config_id)?;
        }
        if !self.key_id.is_empty() {
            struct_ser.serialize_field("key_id", &self.key_id)?;
        }
        if self.sequence != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("sequence", ToString::to_string(&self.sequence).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Sensor {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "version",
            "config_id",
            "configId",
            "key_id",
            "keyId",
            "sequence",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Version,
            ConfigId,
            KeyId,
            Sequence,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "version" => Ok(GeneratedField::Version),
                            "configId" | "config_id" => Ok(GeneratedField::ConfigId),
                            "keyId" | "key_id" => Ok(GeneratedField::KeyId),
                            "sequence" => Ok(GeneratedField::Sequence),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Sensor;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Sensor")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Sensor, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut version__ = None;
                let mut config_id__ = None;
                let mut key_id__ = None;
                let mut sequence__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ConfigId => {
                            if config_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("configId"));
                            }
                            config_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::KeyId => {
                            if key_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("keyId"));
                            }
                            key_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Sequence => {
                            if sequence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sequence"));
                            }
                            sequence__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Sensor {
                    id: id__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    config_id: config_id__.unwrap_or_default(),
                    key_id: key_id__.unwrap_or_default(),
                    sequence: sequence__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Sensor", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ServerEvent {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.time.is_some() {
            len += 1;
        }
        if !self.name.is_empty() {
            len += 1;
        }
        if self.id.is_some() {
            len += 1;
        }
        if self.body.is_some() {
            len += 1;
        }
        if self.sequence != 0 {
            len += 1;
        }
        if self.retry_ms.is_some() {
            len += 1;
        }
        if self.lines != 0 {
            len += 1;
        }
        if !self.flags.is_empty() {
            len += 1;
        }
        if self.events_skipped != 0 {
            len += 1;
        }
        if self.bytes_skipped != 0 {
            len += 1;
        }
        if self.comments != 0 {
            len += 1;
        }
        if !self.message_name.is_empty() {
            len += 1;
        }
        if !self.call_id.is_empty() {
            len += 1;
        }
        if self.name_hidden {
            len += 1;
        }
        if !self.channel.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.ServerEvent", len)?;
        if let Some(v) = self.time.as_ref() {
            struct_ser.serialize_field("time", v)?;
        }
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if let Some(v) = self.id.as_ref() {
            struct_ser.serialize_field("id", v)?;
        }
        if let Some(v) = self.body.as_ref() {
            struct_ser.serialize_field("body", v)?;
        }
        if self.sequence != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("sequence", ToString::to_string(&self.sequence).as_str())?;
        }
        if let Some(v) = self.retry_ms.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("retry_ms", ToString::to_string(&v).as_str())?;
        }
        if self.lines != 0 {
            struct_ser.serialize_field("lines", &self.lines)?;
        }
        if !self.flags.is_empty() {
            struct_ser.serialize_field("flags", &self.flags)?;
        }
        if self.events_skipped != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("events_skipped", ToString::to_string(&self.events_skipped).as_str())?;
        }
        if self.bytes_skipped != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes_skipped", ToString::to_string(&self.bytes_skipped).as_str())?;
        }
        if self.comments != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("comments", ToString::to_string(&self.comments).as_str())?;
        }
        if !self.message_name.is_empty() {
            struct_ser.serialize_field("message_name", &self.message_name)?;
        }
        if !self.call_id.is_empty() {
            struct_ser.serialize_field("call_id", &self.call_id)?;
        }
        if self.name_hidden {
            struct_ser.serialize_field("name_hidden", &self.name_hidden)?;
        }
        if !self.channel.is_empty() {
            struct_ser.serialize_field("channel", &self.channel)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ServerEvent {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "time",
            "name",
            "id",
            "body",
            "sequence",
            "retry_ms",
            "retryMs",
            "lines",
            "flags",
            "events_skipped",
            "eventsSkipped",
            "bytes_skipped",
            "bytesSkipped",
            "comments",
            "message_name",
            "messageName",
            "call_id",
            "callId",
            "name_hidden",
            "nameHidden",
            "channel",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Time,
            Name,
            Id,
            Body,
            Sequence,
            RetryMs,
            Lines,
            Flags,
            EventsSkipped,
            BytesSkipped,
            Comments,
            MessageName,
            CallId,
            NameHidden,
            Channel,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "time" => Ok(GeneratedField::Time),
                            "name" => Ok(GeneratedField::Name),
                            "id" => Ok(GeneratedField::Id),
                            "body" => Ok(GeneratedField::Body),
                            "sequence" => Ok(GeneratedField::Sequence),
                            "retryMs" | "retry_ms" => Ok(GeneratedField::RetryMs),
                            "lines" => Ok(GeneratedField::Lines),
                            "flags" => Ok(GeneratedField::Flags),
                            "eventsSkipped" | "events_skipped" => Ok(GeneratedField::EventsSkipped),
                            "bytesSkipped" | "bytes_skipped" => Ok(GeneratedField::BytesSkipped),
                            "comments" => Ok(GeneratedField::Comments),
                            "messageName" | "message_name" => Ok(GeneratedField::MessageName),
                            "callId" | "call_id" => Ok(GeneratedField::CallId),
                            "nameHidden" | "name_hidden" => Ok(GeneratedField::NameHidden),
                            "channel" => Ok(GeneratedField::Channel),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ServerEvent;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.ServerEvent")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ServerEvent, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut time__ = None;
                let mut name__ = None;
                let mut id__ = None;
                let mut body__ = None;
                let mut sequence__ = None;
                let mut retry_ms__ = None;
                let mut lines__ = None;
                let mut flags__ = None;
                let mut events_skipped__ = None;
                let mut bytes_skipped__ = None;
                let mut comments__ = None;
                let mut message_name__ = None;
                let mut call_id__ = None;
                let mut name_hidden__ = None;
                let mut channel__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Time => {
                            if time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("time"));
                            }
                            time__ = map_.next_value()?;
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = map_.next_value()?;
                        }
                        GeneratedField::Body => {
                            if body__.is_some() {
                                return Err(serde::de::Error::duplicate_field("body"));
                            }
                            body__ = map_.next_value()?;
                        }
                        GeneratedField::Sequence => {
                            if sequence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sequence"));
                            }
                            sequence__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RetryMs => {
                            if retry_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("retryMs"));
                            }
                            retry_ms__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Lines => {
                            if lines__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lines"));
                            }
                            lines__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Flags => {
                            if flags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("flags"));
                            }
                            flags__ = Some(map_.next_value()?);
                        }
                        GeneratedField::EventsSkipped => {
                            if events_skipped__.is_some() {
                                return Err(serde::de::Error::duplicate_field("eventsSkipped"));
                            }
                            events_skipped__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::BytesSkipped => {
                            if bytes_skipped__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytesSkipped"));
                            }
                            bytes_skipped__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Comments => {
                            if comments__.is_some() {
                                return Err(serde::de::Error::duplicate_field("comments"));
                            }
                            comments__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MessageName => {
                            if message_name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("messageName"));
                            }
                            message_name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CallId => {
                            if call_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("callId"));
                            }
                            call_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::NameHidden => {
                            if name_hidden__.is_some() {
                                return Err(serde::de::Error::duplicate_field("nameHidden"));
                            }
                            name_hidden__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Channel => {
                            if channel__.is_some() {
                                return Err(serde::de::Error::duplicate_field("channel"));
                            }
                            channel__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ServerEvent {
                    time: time__,
                    name: name__.unwrap_or_default(),
                    id: id__,
                    body: body__,
                    sequence: sequence__.unwrap_or_default(),
                    retry_ms: retry_ms__,
                    lines: lines__.unwrap_or_default(),
                    flags: flags__.unwrap_or_default(),
                    events_skipped: events_skipped__.unwrap_or_default(),
                    bytes_skipped: bytes_skipped__.unwrap_or_default(),
                    comments: comments__.unwrap_or_default(),
                    message_name: message_name__.unwrap_or_default(),
                    call_id: call_id__.unwrap_or_default(),
                    name_hidden: name_hidden__.unwrap_or_default(),
                    channel: channel__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.ServerEvent", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Shape {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.r#type != 0 {
            len += 1;
        }
        if self.length != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Shape", len)?;
        if self.r#type != 0 {
            let v = ValueType::try_from(self.r#type)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.r#type)))?;
            struct_ser.serialize_field("type", &v)?;
        }
        if self.length != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("length", ToString::to_string(&self.length).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Shape {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "type",
            "length",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Type,
            Length,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "type" => Ok(GeneratedField::Type),
                            "length" => Ok(GeneratedField::Length),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Shape;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Shape")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Shape, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut r#type__ = None;
                let mut length__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Type => {
                            if r#type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("type"));
                            }
                            r#type__ = Some(map_.next_value::<ValueType>()? as i32);
                        }
                        GeneratedField::Length => {
                            if length__.is_some() {
                                return Err(serde::de::Error::duplicate_field("length"));
                            }
                            length__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Shape {
                    r#type: r#type__.unwrap_or_default(),
                    length: length__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Shape", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Signal {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if self.severity != 0 {
            len += 1;
        }
        if !self.owasp.is_empty() {
            len += 1;
        }
        if !self.location.is_empty() {
            len += 1;
        }
        if !self.kind.is_empty() {
            len += 1;
        }
        if self.count != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Signal", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if self.severity != 0 {
            let v = signal::Severity::try_from(self.severity)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.severity)))?;
            struct_ser.serialize_field("severity", &v)?;
        }
        if !self.owasp.is_empty() {
            struct_ser.serialize_field("owasp", &self.owasp)?;
        }
        if !self.location.is_empty() {
            struct_ser.serialize_field("location", &self.location)?;
        }
        if !self.kind.is_empty() {
            struct_ser.serialize_field("kind", &self.kind)?;
        }
        if self.count != 0 {
            struct_ser.serialize_field("count", &self.count)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Signal {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "severity",
            "owasp",
            "location",
            "kind",
            "count",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Severity,
            Owasp,
            Location,
            Kind,
            Count,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "severity" => Ok(GeneratedField::Severity),
                            "owasp" => Ok(GeneratedField::Owasp),
                            "location" => Ok(GeneratedField::Location),
                            "kind" => Ok(GeneratedField::Kind),
                            "count" => Ok(GeneratedField::Count),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Signal;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Signal")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Signal, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut severity__ = None;
                let mut owasp__ = None;
                let mut location__ = None;
                let mut kind__ = None;
                let mut count__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Severity => {
                            if severity__.is_some() {
                                return Err(serde::de::Error::duplicate_field("severity"));
                            }
                            severity__ = Some(map_.next_value::<signal::Severity>()? as i32);
                        }
                        GeneratedField::Owasp => {
                            if owasp__.is_some() {
                                return Err(serde::de::Error::duplicate_field("owasp"));
                            }
                            owasp__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Location => {
                            if location__.is_some() {
                                return Err(serde::de::Error::duplicate_field("location"));
                            }
                            location__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Count => {
                            if count__.is_some() {
                                return Err(serde::de::Error::duplicate_field("count"));
                            }
                            count__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Signal {
                    id: id__.unwrap_or_default(),
                    severity: severity__.unwrap_or_default(),
                    owasp: owasp__.unwrap_or_default(),
                    location: location__.unwrap_or_default(),
                    kind: kind__.unwrap_or_default(),
                    count: count__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Signal", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for signal::Severity {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "SEVERITY_UNSPECIFIED",
            Self::Info => "INFO",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for signal::Severity {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "SEVERITY_UNSPECIFIED",
            "INFO",
            "LOW",
            "MEDIUM",
            "HIGH",
            "CRITICAL",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = signal::Severity;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "SEVERITY_UNSPECIFIED" => Ok(signal::Severity::Unspecified),
                    "INFO" => Ok(signal::Severity::Info),
                    "LOW" => Ok(signal::Severity::Low),
                    "MEDIUM" => Ok(signal::Severity::Medium),
                    "HIGH" => Ok(signal::Severity::High),
                    "CRITICAL" => Ok(signal::Severity::Critical),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Soap {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.version.is_empty() {
            len += 1;
        }
        if !self.operation.is_empty() {
            len += 1;
        }
        if !self.action.is_empty() {
            len += 1;
        }
        if self.fault {
            len += 1;
        }
        if !self.fault_code.is_empty() {
            len += 1;
        }
        if !self.fault_subcode.is_empty() {
            len += 1;
        }
        if !self.header_blocks.is_empty() {
            len += 1;
        }
        if self.username_token {
            len += 1;
        }
        if !self.parts.is_empty() {
            len += 1;
        }
        if self.parts_total != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Soap", len)?;
        if !self.version.is_empty() {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.operation.is_empty() {
            struct_ser.serialize_field("operation", &self.operation)?;
        }
        if !self.action.is_empty() {
            struct_ser.serialize_field("action", &self.action)?;
        }
        if self.fault {
            struct_ser.serialize_field("fault", &self.fault)?;
        }
        if !self.fault_code.is_empty() {
            struct_ser.serialize_field("fault_code", &self.fault_code)?;
        }
        if !self.fault_subcode.is_empty() {
            struct_ser.serialize_field("fault_subcode", &self.fault_subcode)?;
        }
        if !self.header_blocks.is_empty() {
            struct_ser.serialize_field("header_blocks", &self.header_blocks)?;
        }
        if self.username_token {
            struct_ser.serialize_field("username_token", &self.username_token)?;
        }
        if !self.parts.is_empty() {
            struct_ser.serialize_field("parts", &self.parts)?;
        }
        if self.parts_total != 0 {
            struct_ser.serialize_field("parts_total", &self.parts_total)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Soap {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "version",
            "operation",
            "action",
            "fault",
            "fault_code",
            "faultCode",
            "fault_subcode",
            "faultSubcode",
            "header_blocks",
            "headerBlocks",
            "username_token",
            "usernameToken",
            "parts",
            "parts_total",
            "partsTotal",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Version,
            Operation,
            Action,
            Fault,
            FaultCode,
            FaultSubcode,
            HeaderBlocks,
            UsernameToken,
            Parts,
            PartsTotal,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "version" => Ok(GeneratedField::Version),
                            "operation" => Ok(GeneratedField::Operation),
                            "action" => Ok(GeneratedField::Action),
                            "fault" => Ok(GeneratedField::Fault),
                            "faultCode" | "fault_code" => Ok(GeneratedField::FaultCode),
                            "faultSubcode" | "fault_subcode" => Ok(GeneratedField::FaultSubcode),
                            "headerBlocks" | "header_blocks" => Ok(GeneratedField::HeaderBlocks),
                            "usernameToken" | "username_token" => Ok(GeneratedField::UsernameToken),
                            "parts" => Ok(GeneratedField::Parts),
                            "partsTotal" | "parts_total" => Ok(GeneratedField::PartsTotal),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Soap;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Soap")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Soap, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut version__ = None;
                let mut operation__ = None;
                let mut action__ = None;
                let mut fault__ = None;
                let mut fault_code__ = None;
                let mut fault_subcode__ = None;
                let mut header_blocks__ = None;
                let mut username_token__ = None;
                let mut parts__ = None;
                let mut parts_total__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Operation => {
                            if operation__.is_some() {
                                return Err(serde::de::Error::duplicate_field("operation"));
                            }
                            operation__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Action => {
                            if action__.is_some() {
                                return Err(serde::de::Error::duplicate_field("action"));
                            }
                            action__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Fault => {
                            if fault__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fault"));
                            }
                            fault__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FaultCode => {
                            if fault_code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("faultCode"));
                            }
                            fault_code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FaultSubcode => {
                            if fault_subcode__.is_some() {
                                return Err(serde::de::Error::duplicate_field("faultSubcode"));
                            }
                            fault_subcode__ = Some(map_.next_value()?);
                        }
                        GeneratedField::HeaderBlocks => {
                            if header_blocks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("headerBlocks"));
                            }
                            header_blocks__ = Some(map_.next_value()?);
                        }
                        GeneratedField::UsernameToken => {
                            if username_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("usernameToken"));
                            }
                            username_token__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Parts => {
                            if parts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("parts"));
                            }
                            parts__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PartsTotal => {
                            if parts_total__.is_some() {
                                return Err(serde::de::Error::duplicate_field("partsTotal"));
                            }
                            parts_total__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Soap {
                    version: version__.unwrap_or_default(),
                    operation: operation__.unwrap_or_default(),
                    action: action__.unwrap_or_default(),
                    fault: fault__.unwrap_or_default(),
                    fault_code: fault_code__.unwrap_or_default(),
                    fault_subcode: fault_subcode__.unwrap_or_default(),
                    header_blocks: header_blocks__.unwrap_or_default(),
                    username_token: username_token__.unwrap_or_default(),
                    parts: parts__.unwrap_or_default(),
                    parts_total: parts_total__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Soap", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Streaming {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.call_id.is_empty() {
            len += 1;
        }
        if self.part != 0 {
            len += 1;
        }
        if self.goes_on {
            len += 1;
        }
        if self.events.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Streaming", len)?;
        if !self.call_id.is_empty() {
            struct_ser.serialize_field("call_id", &self.call_id)?;
        }
        if self.part != 0 {
            struct_ser.serialize_field("part", &self.part)?;
        }
        if self.goes_on {
            struct_ser.serialize_field("goes_on", &self.goes_on)?;
        }
        if let Some(v) = self.events.as_ref() {
            struct_ser.serialize_field("events", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Streaming {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "call_id",
            "callId",
            "part",
            "goes_on",
            "goesOn",
            "events",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            CallId,
            Part,
            GoesOn,
            Events,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "callId" | "call_id" => Ok(GeneratedField::CallId),
                            "part" => Ok(GeneratedField::Part),
                            "goesOn" | "goes_on" => Ok(GeneratedField::GoesOn),
                            "events" => Ok(GeneratedField::Events),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Streaming;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Streaming")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Streaming, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut call_id__ = None;
                let mut part__ = None;
                let mut goes_on__ = None;
                let mut events__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::CallId => {
                            if call_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("callId"));
                            }
                            call_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Part => {
                            if part__.is_some() {
                                return Err(serde::de::Error::duplicate_field("part"));
                            }
                            part__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::GoesOn => {
                            if goes_on__.is_some() {
                                return Err(serde::de::Error::duplicate_field("goesOn"));
                            }
                            goes_on__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Events => {
                            if events__.is_some() {
                                return Err(serde::de::Error::duplicate_field("events"));
                            }
                            events__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Streaming {
                    call_id: call_id__.unwrap_or_default(),
                    part: part__.unwrap_or_default(),
                    goes_on: goes_on__.unwrap_or_default(),
                    events: events__,
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Streaming", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for streaming::Events {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.events != 0 {
            len += 1;
        }
        if self.bytes != 0 {
            len += 1;
        }
        if self.events_skipped != 0 {
            len += 1;
        }
        if self.comments != 0 {
            len += 1;
        }
        if self.losses != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Streaming.Events", len)?;
        if self.events != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("events", ToString::to_string(&self.events).as_str())?;
        }
        if self.bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if self.events_skipped != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("events_skipped", ToString::to_string(&self.events_skipped).as_str())?;
        }
        if self.comments != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("comments", ToString::to_string(&self.comments).as_str())?;
        }
        if self.losses != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("losses", ToString::to_string(&self.losses).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for streaming::Events {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "events",
            "bytes",
            "events_skipped",
            "eventsSkipped",
            "comments",
            "losses",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Events,
            Bytes,
            EventsSkipped,
            Comments,
            Losses,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "events" => Ok(GeneratedField::Events),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "eventsSkipped" | "events_skipped" => Ok(GeneratedField::EventsSkipped),
                            "comments" => Ok(GeneratedField::Comments),
                            "losses" => Ok(GeneratedField::Losses),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = streaming::Events;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Streaming.Events")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<streaming::Events, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut events__ = None;
                let mut bytes__ = None;
                let mut events_skipped__ = None;
                let mut comments__ = None;
                let mut losses__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Events => {
                            if events__.is_some() {
                                return Err(serde::de::Error::duplicate_field("events"));
                            }
                            events__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::EventsSkipped => {
                            if events_skipped__.is_some() {
                                return Err(serde::de::Error::duplicate_field("eventsSkipped"));
                            }
                            events_skipped__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Comments => {
                            if comments__.is_some() {
                                return Err(serde::de::Error::duplicate_field("comments"));
                            }
                            comments__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Losses => {
                            if losses__.is_some() {
                                return Err(serde::de::Error::duplicate_field("losses"));
                            }
                            losses__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(streaming::Events {
                    events: events__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    events_skipped: events_skipped__.unwrap_or_default(),
                    comments: comments__.unwrap_or_default(),
                    losses: losses__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Streaming.Events", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TemplateSource {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "TEMPLATE_SOURCE_UNSPECIFIED",
            Self::Spec => "SPEC",
            Self::Typed => "TYPED",
            Self::Learned => "LEARNED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for TemplateSource {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "TEMPLATE_SOURCE_UNSPECIFIED",
            "SPEC",
            "TYPED",
            "LEARNED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = TemplateSource;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "TEMPLATE_SOURCE_UNSPECIFIED" => Ok(TemplateSource::Unspecified),
                    "SPEC" => Ok(TemplateSource::Spec),
                    "TYPED" => Ok(TemplateSource::Typed),
                    "LEARNED" => Ok(TemplateSource::Learned),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for TlsAlert {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.from_client {
            len += 1;
        }
        if self.fatal {
            len += 1;
        }
        if !self.name.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.TlsAlert", len)?;
        if self.from_client {
            struct_ser.serialize_field("from_client", &self.from_client)?;
        }
        if self.fatal {
            struct_ser.serialize_field("fatal", &self.fatal)?;
        }
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TlsAlert {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "from_client",
            "fromClient",
            "fatal",
            "name",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            FromClient,
            Fatal,
            Name,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "fromClient" | "from_client" => Ok(GeneratedField::FromClient),
                            "fatal" => Ok(GeneratedField::Fatal),
                            "name" => Ok(GeneratedField::Name),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TlsAlert;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.TlsAlert")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TlsAlert, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut from_client__ = None;
                let mut fatal__ = None;
                let mut name__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::FromClient => {
                            if from_client__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fromClient"));
                            }
                            from_client__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Fatal => {
                            if fatal__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fatal"));
                            }
                            fatal__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(TlsAlert {
                    from_client: from_client__.unwrap_or_default(),
                    fatal: fatal__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.TlsAlert", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Token {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.class.is_empty() {
            len += 1;
        }
        if !self.key_id.is_empty() {
            len += 1;
        }
        if !self.text.is_empty() {
            len += 1;
        }
        if !self.previous.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Token", len)?;
        if !self.class.is_empty() {
            struct_ser.serialize_field("class", &self.class)?;
        }
        if !self.key_id.is_empty() {
            struct_ser.serialize_field("key_id", &self.key_id)?;
        }
        if !self.text.is_empty() {
            struct_ser.serialize_field("text", &self.text)?;
        }
        if !self.previous.is_empty() {
            struct_ser.serialize_field("previous", &self.previous)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Token {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "class",
            "key_id",
            "keyId",
            "text",
            "previous",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Class,
            KeyId,
            Text,
            Previous,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "class" => Ok(GeneratedField::Class),
                            "keyId" | "key_id" => Ok(GeneratedField::KeyId),
                            "text" => Ok(GeneratedField::Text),
                            "previous" => Ok(GeneratedField::Previous),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Token;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Token")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Token, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut class__ = None;
                let mut key_id__ = None;
                let mut text__ = None;
                let mut previous__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Class => {
                            if class__.is_some() {
                                return Err(serde::de::Error::duplicate_field("class"));
                            }
                            class__ = Some(map_.next_value()?);
                        }
                        GeneratedField::KeyId => {
                            if key_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("keyId"));
                            }
                            key_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Text => {
                            if text__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            text__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Previous => {
                            if previous__.is_some() {
                                return Err(serde::de::Error::duplicate_field("previous"));
                            }
                            previous__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Token {
                    class: class__.unwrap_or_default(),
                    key_id: key_id__.unwrap_or_default(),
                    text: text__.unwrap_or_default(),
                    previous: previous__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Token", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TransportSecurity {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "TRANSPORT_SECURITY_UNSPECIFIED",
            Self::Cleartext => "CLEARTEXT",
            Self::Decrypted => "DECRYPTED",
            Self::Encrypted => "ENCRYPTED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for TransportSecurity {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "TRANSPORT_SECURITY_UNSPECIFIED",
            "CLEARTEXT",
            "DECRYPTED",
            "ENCRYPTED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = TransportSecurity;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "TRANSPORT_SECURITY_UNSPECIFIED" => Ok(TransportSecurity::Unspecified),
                    "CLEARTEXT" => Ok(TransportSecurity::Cleartext),
                    "DECRYPTED" => Ok(TransportSecurity::Decrypted),
                    "ENCRYPTED" => Ok(TransportSecurity::Encrypted),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Tunnel {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.kind.is_empty() {
            len += 1;
        }
        if self.id != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Tunnel", len)?;
        if !self.kind.is_empty() {
            struct_ser.serialize_field("kind", &self.kind)?;
        }
        if self.id != 0 {
            struct_ser.serialize_field("id", &self.id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Tunnel {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "kind",
            "id",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Kind,
            Id,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "kind" => Ok(GeneratedField::Kind),
                            "id" => Ok(GeneratedField::Id),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Tunnel;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Tunnel")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Tunnel, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut kind__ = None;
                let mut id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Tunnel {
                    kind: kind__.unwrap_or_default(),
                    id: id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Tunnel", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Value {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.form.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.Value", len)?;
        if let Some(v) = self.form.as_ref() {
            match v {
                value::Form::Kept(v) => {
                    struct_ser.serialize_field("kept", v)?;
                }
                value::Form::Token(v) => {
                    struct_ser.serialize_field("token", v)?;
                }
                value::Form::Shape(v) => {
                    struct_ser.serialize_field("shape", v)?;
                }
                value::Form::Masked(v) => {
                    struct_ser.serialize_field("masked", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Value {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "kept",
            "token",
            "shape",
            "masked",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Kept,
            Token,
            Shape,
            Masked,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "kept" => Ok(GeneratedField::Kept),
                            "token" => Ok(GeneratedField::Token),
                            "shape" => Ok(GeneratedField::Shape),
                            "masked" => Ok(GeneratedField::Masked),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Value;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.Value")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Value, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut form__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Kept => {
                            if form__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kept"));
                            }
                            form__ = map_.next_value::<::std::option::Option<_>>()?.map(value::Form::Kept);
                        }
                        GeneratedField::Token => {
                            if form__.is_some() {
                                return Err(serde::de::Error::duplicate_field("token"));
                            }
                            form__ = map_.next_value::<::std::option::Option<_>>()?.map(value::Form::Token)
;
                        }
                        GeneratedField::Shape => {
                            if form__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shape"));
                            }
                            form__ = map_.next_value::<::std::option::Option<_>>()?.map(value::Form::Shape)
;
                        }
                        GeneratedField::Masked => {
                            if form__.is_some() {
                                return Err(serde::de::Error::duplicate_field("masked"));
                            }
                            form__ = map_.next_value::<::std::option::Option<_>>()?.map(value::Form::Masked);
                        }
                    }
                }
                Ok(Value {
                    form: form__,
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.Value", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ValueType {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "VALUE_TYPE_UNSPECIFIED",
            Self::String => "STRING",
            Self::Integer => "INTEGER",
            Self::Number => "NUMBER",
            Self::Boolean => "BOOLEAN",
            Self::Null => "NULL",
            Self::Object => "OBJECT",
            Self::Array => "ARRAY",
            Self::Binary => "BINARY",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ValueType {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "VALUE_TYPE_UNSPECIFIED",
            "STRING",
            "INTEGER",
            "NUMBER",
            "BOOLEAN",
            "NULL",
            "OBJECT",
            "ARRAY",
            "BINARY",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ValueType;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "VALUE_TYPE_UNSPECIFIED" => Ok(ValueType::Unspecified),
                    "STRING" => Ok(ValueType::String),
                    "INTEGER" => Ok(ValueType::Integer),
                    "NUMBER" => Ok(ValueType::Number),
                    "BOOLEAN" => Ok(ValueType::Boolean),
                    "NULL" => Ok(ValueType::Null),
                    "OBJECT" => Ok(ValueType::Object),
                    "ARRAY" => Ok(ValueType::Array),
                    "BINARY" => Ok(ValueType::Binary),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for WebSocketMessage {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.time.is_some() {
            len += 1;
        }
        if self.from_client {
            len += 1;
        }
        if self.opcode != 0 {
            len += 1;
        }
        if self.body.is_some() {
            len += 1;
        }
        if self.sequence != 0 {
            len += 1;
        }
        if self.close_code.is_some() {
            len += 1;
        }
        if self.compressed {
            len += 1;
        }
        if self.frames != 0 {
            len += 1;
        }
        if !self.subprotocol.is_empty() {
            len += 1;
        }
        if !self.flags.is_empty() {
            len += 1;
        }
        if self.messages_skipped != 0 {
            len += 1;
        }
        if self.bytes_skipped != 0 {
            len += 1;
        }
        if self.totals.is_some() {
            len += 1;
        }
        if !self.name.is_empty() {
            len += 1;
        }
        if !self.handshake_id.is_empty() {
            len += 1;
        }
        if !self.channel.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.WebSocketMessage", len)?;
        if let Some(v) = self.time.as_ref() {
            struct_ser.serialize_field("time", v)?;
        }
        if self.from_client {
            struct_ser.serialize_field("from_client", &self.from_client)?;
        }
        if self.opcode != 0 {
            struct_ser.serialize_field("opcode", &self.opcode)?;
        }
        if let Some(v) = self.body.as_ref() {
            struct_ser.serialize_field("body", v)?;
        }
        if self.sequence != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("sequence", ToString::to_string(&self.sequence).as_str())?;
        }
        if let Some(v) = self.close_code.as_ref() {
            struct_ser.serialize_field("close_code", v)?;
        }
        if self.compressed {
            struct_ser.serialize_field("compressed", &self.compressed)?;
        }
        if self.frames != 0 {
            struct_ser.serialize_field("frames", &self.frames)?;
        }
        if !self.subprotocol.is_empty() {
            struct_ser.serialize_field("subprotocol", &self.subprotocol)?;
        }
        if !self.flags.is_empty() {
            struct_ser.serialize_field("flags", &self.flags)?;
        }
        if self.messages_skipped != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("messages_skipped", ToString::to_string(&self.messages_skipped).as_str())?;
        }
        if self.bytes_skipped != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes_skipped", ToString::to_string(&self.bytes_skipped).as_str())?;
        }
        if let Some(v) = self.totals.as_ref() {
            struct_ser.serialize_field("totals", v)?;
        }
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if !self.handshake_id.is_empty() {
            struct_ser.serialize_field("handshake_id", &self.handshake_id)?;
        }
        if !self.channel.is_empty() {
            struct_ser.serialize_field("channel", &self.channel)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for WebSocketMessage {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "time",
            "from_client",
            "fromClient",
            "opcode",
            "body",
            "sequence",
            "close_code",
            "closeCode",
            "compressed",
            "frames",
            "subprotocol",
            "flags",
            "messages_skipped",
            "messagesSkipped",
            "bytes_skipped",
            "bytesSkipped",
            "totals",
            "name",
            "handshake_id",
            "handshakeId",
            "channel",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Time,
            FromClient,
            Opcode,
            Body,
            Sequence,
            CloseCode,
            Compressed,
            Frames,
            Subprotocol,
            Flags,
            MessagesSkipped,
            BytesSkipped,
            Totals,
            Name,
            HandshakeId,
            Channel,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "time" => Ok(GeneratedField::Time),
                            "fromClient" | "from_client" => Ok(GeneratedField::FromClient),
                            "opcode" => Ok(GeneratedField::Opcode),
                            "body" => Ok(GeneratedField::Body),
                            "sequence" => Ok(GeneratedField::Sequence),
                            "closeCode" | "close_code" => Ok(GeneratedField::CloseCode),
                            "compressed" => Ok(GeneratedField::Compressed),
                            "frames" => Ok(GeneratedField::Frames),
                            "subprotocol" => Ok(GeneratedField::Subprotocol),
                            "flags" => Ok(GeneratedField::Flags),
                            "messagesSkipped" | "messages_skipped" => Ok(GeneratedField::MessagesSkipped),
                            "bytesSkipped" | "bytes_skipped" => Ok(GeneratedField::BytesSkipped),
                            "totals" => Ok(GeneratedField::Totals),
                            "name" => Ok(GeneratedField::Name),
                            "handshakeId" | "handshake_id" => Ok(GeneratedField::HandshakeId),
                            "channel" => Ok(GeneratedField::Channel),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = WebSocketMessage;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.WebSocketMessage")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<WebSocketMessage, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut time__ = None;
                let mut from_client__ = None;
                let mut opcode__ = None;
                let mut body__ = None;
                let mut sequence__ = None;
                let mut close_code__ = None;
                let mut compressed__ = None;
                let mut frames__ = None;
                let mut subprotocol__ = None;
                let mut flags__ = None;
                let mut messages_skipped__ = None;
                let mut bytes_skipped__ = None;
                let mut totals__ = None;
                let mut name__ = None;
                let mut handshake_id__ = None;
                let mut channel__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Time => {
                            if time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("time"));
                            }
                            time__ = map_.next_value()?;
                        }
                        GeneratedField::FromClient => {
                            if from_client__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fromClient"));
                            }
                            from_client__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Opcode => {
                            if opcode__.is_some() {
                                return Err(serde::de::Error::duplicate_field("opcode"));
                            }
                            opcode__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Body => {
                            if body__.is_some() {
                                return Err(serde::de::Error::duplicate_field("body"));
                            }
                            body__ = map_.next_value()?;
                        }
                        GeneratedField::Sequence => {
                            if sequence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sequence"));
                            }
                            sequence__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::CloseCode => {
                            if close_code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("closeCode"));
                            }
                            close_code__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Compressed => {
                            if compressed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("compressed"));
                            }
                            compressed__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Frames => {
                            if frames__.is_some() {
                                return Err(serde::de::Error::duplicate_field("frames"));
                            }
                            frames__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Subprotocol => {
                            if subprotocol__.is_some() {
                                return Err(serde::de::Error::duplicate_field("subprotocol"));
                            }
                            subprotocol__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Flags => {
                            if flags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("flags"));
                            }
                            flags__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MessagesSkipped => {
                            if messages_skipped__.is_some() {
                                return Err(serde::de::Error::duplicate_field("messagesSkipped"));
                            }
                            messages_skipped__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::BytesSkipped => {
                            if bytes_skipped__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytesSkipped"));
                            }
                            bytes_skipped__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Totals => {
                            if totals__.is_some() {
                                return Err(serde::de::Error::duplicate_field("totals"));
                            }
                            totals__ = map_.next_value()?;
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::HandshakeId => {
                            if handshake_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("handshakeId"));
                            }
                            handshake_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Channel => {
                            if channel__.is_some() {
                                return Err(serde::de::Error::duplicate_field("channel"));
                            }
                            channel__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(WebSocketMessage {
                    time: time__,
                    from_client: from_client__.unwrap_or_default(),
                    opcode: opcode__.unwrap_or_default(),
                    body: body__,
                    sequence: sequence__.unwrap_or_default(),
                    close_code: close_code__,
                    compressed: compressed__.unwrap_or_default(),
                    frames: frames__.unwrap_or_default(),
                    subprotocol: subprotocol__.unwrap_or_default(),
                    flags: flags__.unwrap_or_default(),
                    messages_skipped: messages_skipped__.unwrap_or_default(),
                    bytes_skipped: bytes_skipped__.unwrap_or_default(),
                    totals: totals__,
                    name: name__.unwrap_or_default(),
                    handshake_id: handshake_id__.unwrap_or_default(),
                    channel: channel__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.WebSocketMessage", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for web_socket_message::Totals {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.messages != 0 {
            len += 1;
        }
        if self.bytes != 0 {
            len += 1;
        }
        if self.messages_skipped != 0 {
            len += 1;
        }
        if self.pings != 0 {
            len += 1;
        }
        if self.pongs != 0 {
            len += 1;
        }
        if self.losses != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("apitap.v1.WebSocketMessage.Totals", len)?;
        if self.messages != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("messages", ToString::to_string(&self.messages).as_str())?;
        }
        if self.bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if self.messages_skipped != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("messages_skipped", ToString::to_string(&self.messages_skipped).as_str())?;
        }
        if self.pings != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("pings", ToString::to_string(&self.pings).as_str())?;
        }
        if self.pongs != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("pongs", ToString::to_string(&self.pongs).as_str())?;
        }
        if self.losses != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("losses", ToString::to_string(&self.losses).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for web_socket_message::Totals {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "messages",
            "bytes",
            "messages_skipped",
            "messagesSkipped",
            "pings",
            "pongs",
            "losses",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Messages,
            Bytes,
            MessagesSkipped,
            Pings,
            Pongs,
            Losses,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "messages" => Ok(GeneratedField::Messages),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "messagesSkipped" | "messages_skipped" => Ok(GeneratedField::MessagesSkipped),
                            "pings" => Ok(GeneratedField::Pings),
                            "pongs" => Ok(GeneratedField::Pongs),
                            "losses" => Ok(GeneratedField::Losses),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = web_socket_message::Totals;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct apitap.v1.WebSocketMessage.Totals")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<web_socket_message::Totals, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut messages__ = None;
                let mut bytes__ = None;
                let mut messages_skipped__ = None;
                let mut pings__ = None;
                let mut pongs__ = None;
                let mut losses__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Messages => {
                            if messages__.is_some() {
                                return Err(serde::de::Error::duplicate_field("messages"));
                            }
                            messages__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MessagesSkipped => {
                            if messages_skipped__.is_some() {
                                return Err(serde::de::Error::duplicate_field("messagesSkipped"));
                            }
                            messages_skipped__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Pings => {
                            if pings__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pings"));
                            }
                            pings__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Pongs => {
                            if pongs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pongs"));
                            }
                            pongs__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Losses => {
                            if losses__.is_some() {
                                return Err(serde::de::Error::duplicate_field("losses"));
                            }
                            losses__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(web_socket_message::Totals {
                    messages: messages__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    messages_skipped: messages_skipped__.unwrap_or_default(),
                    pings: pings__.unwrap_or_default(),
                    pongs: pongs__.unwrap_or_default(),
                    losses: losses__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("apitap.v1.WebSocketMessage.Totals", FIELDS, GeneratedVisitor)
    }
}
