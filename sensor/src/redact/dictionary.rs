//! Known field names, English and Korean, and what they say of their values.
//!
//! Source: data protection terms of GDPR, HIPAA §164.514(b)(2), the Korean Personal Information Protection
//! Act (Decree Art. 18, 19) and PCI DSS 3.3; names as APIs spell them.

use std::sync::LazyLock;

use apitap_proto::v1::entity::Kind;
use hashbrown::HashMap;

use super::class::Class;
use super::names::Meaning;
use Meaning::{Amount, Code, Count, Enum, Flag, Id, Personal, Secret, Text, Unknown, Version};

/// A known name.
pub(crate) struct Entry {
    pub(crate) meaning: Meaning,
    /// Whether it means the same at the end of a longer name.
    pub(crate) ending: bool,
}

/// Names, flat, that mean the same wherever a name ends in them.
const ENDINGS: &[(Meaning, &str)] = &[
    (
        Secret(Class::Password),
        "password passwd passwort pwd passphrase passcode pswd pw secretanswer bimilbunho bimilbeonho bibeon pswrd passwrd pwdhash loginpass userpass newpass oldpass authpass dbpass smtppass mailpass ftppass sshpass adminpass rootpass wppass proxypass vpnpass wifipass psw pword senha motdepasse securityanswer challengeanswer",
    ),
    (
        Secret(Class::Credential),
        "secret clientsecret appsecret privatekey signingkey secretkey apisecret secretaccesskey sharedsecret webhooksecret signingsecret encryptionkey masterkey connectionstring connstring",
    ),
    (
        Secret(Class::Cvv),
        "cvv cvc cvn cid2 cvcnumber cvcno cvvno cvvnumber cardcvc cardcvv securitycode cardsecuritycode cardverificationvalue cardsecurity cardverification ccv cvd cardcid",
    ),
    (Secret(Class::Pin), "pin pincode pinblock pinno pinnum atmpin"),
    (
        Secret(Class::Otp),
        "otp otpcode totp verificationcode verifycode authcode certno smscode onetimecode passkey mfacode twofactorcode recoverycode backupcode authno authnum authnumber certnum certnumber authenticationcode tfacode facode logincode emailcode recoverycodes backupcodes scratchcodes otps smsauthno injeungbeonho injeungbunho tanno",
    ),
    (Secret(Class::Track), "trackdata magstripe trackone tracktwo"),
    (
        Personal(Class::Pan),
        "pan cardno cardnum cardnumber ccnumber ccnum ccno creditcard creditcardnumber debitcardnumber primaryaccountnumber cardnr cardpan fpan dpan cardbeonho cardbunho kadeubeonho kadbunho kreditkartennummer paymentcardnumber",
    ),
    (
        Personal(Class::CardExpiry),
        "cardexpiry cardexpirydate cardexp expmonth expyear expirymonth expiryyear expirationmonth expirationyear validthru cardvalidity yuhyogigan cardvaliddate cardexpirymmyy",
    ),
    (
        Personal(Class::KrRrn),
        "rrn jumin juminno juminnum juminnumber juminid juminbunho juminbeonho juminregno juminregnum jumindeungnokbeonho jumindungrokbunho ihidnum psnno residentid residentidno residentno residentregnum residentnumber residentregistrationnumber residentregno rrno ssnkr nationalid nationalidnumber",
    ),
    (
        Personal(Class::KrForeigner),
        "foreignerno foreignernumber alienregno arc arcnumber foreignerregistrationnumber alienregistrationnumber alienno alienregnum foreignno foreignerregno frgnrno frgnrregistno oegugin oegugindeungnokbeonho oegukinbunho",
    ),
    (
        Personal(Class::KrBrn),
        "bizno biznum biznumber bizrno brn businessno businessnumber businessregno businessregnum businessregistrationno businessregistrationnumber bizregno bizregnum companyregno saupja saupjano saupjabeonho saupjabunho saupjadeungnokbeonho",
    ),
    (
        Personal(Class::KrCorp),
        "corpno corpnum corpregno corpregnum corpregistrationno corpregistrationnumber corporateregno corporateregistrationnumber jurirno beopin beopinno beobin beobinno beopinbeonho beobinbunho beopindeungnokbeonho",
    ),
    (
        Personal(Class::KrLicense),
        "license licenseno licensenumber licence licenceno licencenumber driverlicense driverslicense driverlicenseno driverslicensenumber dlno driverlicno driverlicensenumber drivinglicense drivinglicenseno drivinglicensenumber drivinglicence drivinglicenceno drivinglicencenumber drlicno unjeonmyeonheo unjeonmyeonheobeonho myeonheobeonho myunhubunho",
    ),
    (
        Personal(Class::Passport),
        "passport passportno passportnum passportnumber passportid passportnr psportno psportnum traveldocno traveldocumentno traveldocumentnumber yeogwon yeogwonbeonho yeokwonbunho reisepass reisepassnummer",
    ),
    (
        Personal(Class::Ssn),
        "ssn socialsecurity socialsecurityno socialsecuritynum socialsecuritynumber taxpayerid taxpayerno tin",
    ),
    (Personal(Class::Itin), "itin"),
    (
        Personal(Class::NationalId),
        "nationalinsuranceno nationalinsurancenumber nino pesel aadhaar aadhaarno aadhaarnumber aadhar personnummer codicefiscale fiscalcode curp mynumber nric hkid socialinsurancenumber citizenid citizenno idcard idcardno idcardnumber identitycard identitycardno identityno identitynumber governmentid steuerid steuernummer taxid taxidno taxno taxnumber vatid vatno vatnumber tckn",
    ),
    (
        Personal(Class::HealthId),
        "healthid healthcardno healthcardnumber healthinsuranceno healthinsurancenumber healthinsuranceid healthplanno healthplanid hlthinsrncno nhisno nhis hicn hicno mbi medicareid medicareno medicarenumber medicaidid medicaidno medicaidnumber nhsno nhsnum nhsnumber nhsid insuranceno insurancenumber insuranceid insurancecardno beneficiaryid mrn medicalrecordno medicalrecordnumber chartno chartnumber geongangboheom geongangboheombeonho gungangbohumbunho boheomjeungbeonho",
    ),
    (
        Personal(Class::Wallet),
        "walletaddress walletaddr btcaddress bitcoinaddress ethaddress ethereumaddress cryptoaddress cryptowallet blockchainaddress onchainaddress",
    ),
    (Personal(Class::Iban), "iban"),
    (
        Personal(Class::Account),
        "accountnum accountno accountnumber acctno acctnum acctnumber acno accno bankaccount bankaccountno bankaccountnumber accountid acctid finnum fintechusenum fintechnum depositaccount withdrawalaccount bankacct bankacctno bankacctnumber bankaccountnum bankacnutno acnut acnutno acnutnum acctnbr accountnbr accountnr bban clabe kontonummer virtualaccount virtualaccountno vbankno vbanknum gyejwa gyejwano gyejwabeonho gyejwabunho kyejwa kyejwano kyejwabunho",
    ),
    (Personal(Class::KrCi), "ci di userci connectinginformation dupinfo"),
    (
        Personal(Class::Email),
        "email emailaddr emailaddress mail mailaddress useremail emailid emailadres mailaddr emailaddr mailid imeil",
    ),
    (
        Personal(Class::Phone),
        "phone phoneno phonenum phonenumber mobile mobileno mobilenum mobilenumber mobilephone hp hpno tel telno telephone telephonenumber cell cellphone cellphonenumber fax faxno faxnumber msisdn contactnumber handphone handphoneno handphonenum hpnum hpnumber cellno cellnum cellnumber contactno contactnum contacttel emergencycontact phonenbr mbtlnum moblphon moblphonno telnum telnumber callernumber calleenumber calledno callerno hyudaepon hyudaeponbeonho hyudaejeonhwa hyudaejeonhwabeonho haendeupon jeonhwa jeonhwabeonho junhwabunho yeollakcheo yunrakcho telefonnummer handynummer",
    ),
    (
        Personal(Class::Name),
        "firstname lastname middlename fullname givenname familyname surname maidenname nickname realname customername custname custnm membername holdername cardholder cardholdername accountholder accountholdername accountowner ownername payername payeename patientname employeename recipient recipientname receivername sendername beneficiaryname contactname usernm displayname depositorname authorname insuredname contactpersonname guardianname doctorname accountname receivernm sendernm rcvrnm rcvernm sndrnm usrnm cstmrnm mbernm membernm mbrnm empnm patnm dpstrnm acnutownernm rprsntvnm korname koreanname engname englishname legalname preferredname billingname shippingname seongmyeong sungmyung seongham irum ireum gogaekmyeong yegeumju",
    ),
    (
        Personal(Class::Address),
        "address addr address1 addressline addrline street streetaddress streetname homeaddress zip zipcode zipno postal postalcode postcode postno roadaddress roadaddr detailaddress detailaddr jibunaddress addressdetail addrdetail adres detailadres rdnmadr lnmadr zipcd postcd juso jusodetail sangsejuso dorojuso upyeonbeonho residence residentialaddress plz codepostal codigopostal apt aptno apartment apartmentno aptnumber apartmentnumber dong ho dongho donghosu billingaddress shippingaddress deliveryaddress mailingaddress",
    ),
    (
        Personal(Class::Birth),
        "birth birthday birthdate birthdt dob dateofbirth bday birthyear yearofbirth birthymd birthdaydate yob born birthyymmdd birthymdt brthdy brthdt brthday bymd saengil saengnyeonwolil saengnyunwolil geburtsdatum",
    ),
    (
        Personal(Class::Gender),
        "gender sex genderidentity sexualorientation sexdstn gndr seongbyeol sungbyul",
    ),
    (
        Personal(Class::Health),
        "health hiv hivpositive covid covidpositive vaccinated diabetic veteran criminalrecord weightkg weightlb weightlbs heightcm heightin bodytemperature bodytemp maritalstatus civilstatus hivstatus vaccinationstatus immigrationstatus glucose bloodglucose bloodsugar heartrate bmi cholesterol systolic diastolic smoker bodyfat hemoglobin diagnosis diagnosiscode disease symptom symptoms bloodtype bloodpressure icd icdcode medication prescription allergy allergies disability medicalhistory treatment religion race ethnicity nationality politicalview unionmembership salary income wage annualincome age creditscore incomebracket incomerange incomelevel ages agegroup agerange ageband pulse pulserate viralload gestationalweeks weekspregnant pregnancyweek gravida sexualpartners triglycerides ldl hdl dosage dosagemg cyclelength periodlength labresult convictions therapysessions diabetes cancer asthma epilepsy hepatitis tuberculosis illness mentalillness mentalhealth mentalstate mentalstatus psychiatric depressed suicidal alcoholic alcoholuse smoking pregnancy drugtest covidtest hivtest vaccination handicapped gay lesbian transgender muslim catholic christian jewish religious denomination democrat republican tradeunion unionmember married divorced deceased unemployed employmentstatus relationshipstatus familystatus bankrupt arrested convicted felony parole criminalstatus sexoffender refugee asylum immigrant welfare foodstamps birthcountry countryofbirth citizenship birthplace placeofbirth biometric fingerprintdata faceid height weight pregnant nlty",
    ),
    (
        Personal(Class::Geo),
        "lat lng lon latitude longitude geolocation gps gpslocation coordinates coords latlng latlon lnglat lonlat geopoint geohash gpslat gpslng gpslon xcoord ycoord lttd lgtd wido gyeongdo kyungdo",
    ),
    (
        Personal(Class::Ip),
        "ip ipaddr ipaddress clientip remoteip remoteaddr userip sourceip srcip dstip hostip ipv ipvaddress ipadres remotehost clientaddr clientipaddress xforwardedfor realip",
    ),
    (
        Personal(Class::Mac),
        "mac macaddr macaddress hwaddr macadres wifimac bssid btaddr bluetoothaddress ethermac",
    ),
    (
        Personal(Class::Session),
        "session sessionid sessid sid jsessionid phpsessid aspsessionid sessiontoken sessionkey connectsid aspnetsessionid authsession laravelsession loginsession",
    ),
    (
        Personal(Class::Credential),
        "token accesstoken refreshtoken idtoken authtoken bearertoken apitoken csrftoken xsrftoken apikey xapikey appkey servicekey authkey authorization credential credentials auth accesskey accesskeyid secretid signature sig assertion samlresponse samlrequest clientassertion devicetoken pushtoken fcmtoken resettoken codeverifier codechallenge nonce jwt bearer subscriptionkey licensekey webhooktoken oauthtoken oauthverifier oauthsignature authorizationcode authzcode devicecode usercode idtokenhint logouttoken subjecttoken actortoken securitytoken servicetoken ssotoken logintoken apphash hmac hmacsignature dpop sastoken keypairid loginticket",
    ),
    (
        Id(Kind::User),
        "userid useruuid userno usernum userkey username login loginid loginname memberid memberno membernum uid employeeid empno staffid sub principal account user member createdby updatedby ownerid authorid useridx memberidx mbridx",
    ),
    (
        Id(Kind::Customer),
        "customerid customerno customernum customeruuid customer custid custno patientid patientno patient subscriberid insuredid studentid customeridx custidx patientidx",
    ),
    (
        Id(Kind::Partner),
        "orgcode orgid partnerid partnercode partner clientid appid applicationid clientcode vendorid supplierid",
    ),
    (Id(Kind::Tenant), "tenant tenantid tenantcode workspaceid workspace accountsid"),
    (
        Id(Kind::Organization),
        "organizationid organisationid organization companyid companycode bankcode deptid",
    ),
    (Id(Kind::Merchant), "merchantid merchantno merchant mid storeid shopid franchiseid sellerid"),
    (
        Id(Kind::Payment),
        "paymentid paymentno paymentkey payment txid txnid transactionid transactionno transno tranid banktranid apitranid transferid refundid chargeid approvalno receiptid receiptno transaction",
    ),
    (Id(Kind::Invoice), "invoiceid invoiceno invoicenumber invoice billid billno"),
    (
        Id(Kind::Order),
        "orderid orderno ordernumber orderuuid order bookingid reservationid reservationno cartid shipmentid trackingno trackingnumber",
    ),
    (
        Id(Kind::Device),
        "deviceid deviceuuid device imei imsi udid adid idfa gaid androidid serialno serialnumber deviceno devicenumber deviceserial deviceserialno devicesn serialnum serialnbr imeino imeinumber meid esn idfv aaid oaid hwid hardwareid installationid installid advertisingid adidentifier iccid simserial fcmid",
    ),
    (
        Id(Kind::Document),
        "documentid docid document fileid contractid contractno policyid policyno policynumber claimid claimno certificateid",
    ),
    (
        Id(Kind::Unspecified),
        "id ids no num number nbr key code uuid guid seq ref reference refno serial identifier hash handle pk oid cursor etag fingerprint cn barcode sku isbn vin plate ean upc gtin checksum digest correlationid requestid traceid spanid traceparent nextpage pagetoken nextpagetoken continuationtoken nexttoken prevtoken previoustoken paginationtoken pagingtoken skiptoken deltatoken synctoken startingtoken resumptiontoken resumetoken cursortoken scrolltoken clientrequesttoken",
    ),
    (
        Enum,
        "status state type kind currency currencycode country countrycode lang language locale sort sortby order orderby direction method role result error errortype unit format category level scope severity priority mode channel platform os action event eventtype operation protocol scheme environment env stage visibility granttype tokentype tokenuse responsetype class interval frequency period timezone encoding algorithm alg cardtype cardbrand brand gateway provider source medium contenttype mimetype typename grade tier plan tokentypehint supported",
    ),
    (
        Code,
        "rspcode respcode responsecode resultcode errorcode errcode statuscode returncode retcode rescode rc apitype msgcode messagecode httpstatus exitcode",
    ),
    (Version, "version ver apiversion schemaversion appversion jsonrpc revision"),
    (
        Count,
        "count cnt totalcount maxage page pageno pagenum pagenumber pagesize perpage limit offset size length len skip take top maxresults index idx rank depth width quantity qty year month day hour minute second ttl timeout retries retry attempt attempts expiresin duration elapsed percent seqno position step priority totalpages pagecount installment installments prompttokens completiontokens totaltokens inputtokens outputtokens maxtokens cachedtokens reasoningtokens audiotokens texttokens imagetokens predictiontokens budgettokens maxnewtokens tokenlifetime",
    ),
    (
        Flag,
        "flag yn enabled disabled active success ok valid verified required optional deleted visible public private checked selected agreed consent hasmore hasnext",
    ),
    (
        Amount,
        "amount amt price cost fee tax vat balance total totalprice amounttotal subtotal sum discount rate interest point points score value values val principalamount limitamt creditlimit sales revenue bonus debt rent pension alimony",
    ),
    (
        Text,
        "message msg memo description desc comment comments note notes text body content title subject name label summary detail details rspmsg errormessage time date timestamp datetime createdat updatedat deletedat dtime dt ts at expiresat url uri href link path image photo avatar picture query keyword search tags answer question remark bio about html data payload filename nm tokenexpiry tokenexpiration tokenendpoint tokenpolicies",
    ),
];

/// Names that mean this alone, but not at the end of a longer name.
const ALONE: &[(Meaning, &str)] = &[
    (Personal(Class::Name), "name cardname holder payer payee sender receiver author contact"),
    (Personal(Class::CardExpiry), "expiry expirydate expirationdate exp"),
    (Secret(Class::Track), "track"),
    (Secret(Class::Password), "pass"),
    (Secret(Class::Cvv), "csc"),
    // Short names of national numbers, which end other words, too.
    (Personal(Class::NationalId), "cpf dni nie nif bsn sin rut"),
    (Id(Kind::Account), "acct"),
    (Text, "q"),
    (Enum, "code order"),
];

/// Korean names by part, tried in order: the more telling first.
const KOREAN: &[(Meaning, &str)] = &[
    (Secret(Class::Password), "비밀번호 패스워드 암호 비번"),
    (Secret(Class::Otp), "인증번호 인증코드 일회용 보안카드"),
    (Secret(Class::Cvv), "보안코드"),
    (Personal(Class::KrRrn), "주민등록번호 주민번호 주민등록 주민등록증"),
    (Personal(Class::KrForeigner), "외국인등록번호 외국인번호 외국인등록"),
    (Personal(Class::KrBrn), "사업자등록번호 사업자번호 사업자등록"),
    (Personal(Class::KrCorp), "법인등록번호 법인번호 법인등록"),
    (Personal(Class::KrLicense), "운전면허번호 운전면허 면허번호"),
    (Personal(Class::Passport), "여권번호 여권"),
    (
        Personal(Class::HealthId),
        "건강보험번호 건강보험증번호 보험증번호 건강보험증 피보험자번호 환자번호 차트번호 등록증번호",
    ),
    (Personal(Class::Wallet), "지갑주소"),
    (Personal(Class::Mac), "맥주소"),
    (Personal(Class::Name), "계좌주 예금주 예금주명"),
    (Personal(Class::Account), "계좌번호 계좌 통장번호"),
    (Personal(Class::Pan), "카드번호"),
    (Personal(Class::CardExpiry), "유효기간"),
    (Personal(Class::Phone), "휴대폰번호 휴대전화 휴대폰 핸드폰 전화번호 집전화 연락처 팩스"),
    (Personal(Class::Email), "이메일 전자우편 메일주소 전자메일"),
    (Personal(Class::Ip), "아이피주소 아이피 접속주소"),
    (Personal(Class::Address), "주소 우편번호 도로명 지번"),
    (Personal(Class::Birth), "생년월일 생일 출생"),
    (
        Personal(Class::Health),
        "병명 진단 질병 혈액형 장애 종교 소득 연봉 나이 국적 키 몸무게 급여 지문 홍채 얼굴 노조 정당",
    ),
    (Personal(Class::Gender), "성별"),
    (Personal(Class::Geo), "위도 경도 좌표 위치정보"),
    (Personal(Class::Credential), "접근토큰 인증토큰 인증키 비밀키 서비스키 토큰"),
    (Personal(Class::Session), "세션"),
    (Id(Kind::Device), "단말기번호 기기번호 기기식별 단말번호"),
    (Id(Kind::Customer), "고객번호 고객식별"),
    (Id(Kind::User), "회원번호 아이디 사용자"),
    (
        Personal(Class::Name),
        "성명 이름 고객명 수취인 수령인 회원명 환자명 보호자 대표자 신청인 계약자명 받는사람 보내는사람",
    ),
    (Id(Kind::Order), "주문번호"),
    (Id(Kind::Payment), "거래번호 결제번호 승인번호"),
    (Amount, "금액 잔액 가격 요금 수수료 이자 포인트"),
    (Code, "결과코드 응답코드 오류코드"),
    (Enum, "상태 구분 유형 종류 통화"),
    (Count, "건수 개수 횟수 페이지"),
    (Flag, "여부"),
    (Id(Kind::Unspecified), "번호 코드 식별자 일련"),
    (Text, "메시지 내용 일자 일시 날짜 시간 상품명 은행명 목록 결과 제목 설명 비고 정보"),
];

/// Names of things that have numbers of the same forms as people's: there, a form without check digits says little.
const THINGS: &str = "
    order orderid orderno ordernum ordernumber trackingno trackingnumber trackingid shipmentid waybill waybillno parcelno
    invoice invoiceid invoiceno invoicenumber billno receiptno ticketno transactionid transactionno transno tranid txid
    txnid paymentid paymentkey approvalno refundid barcode isbn issn ean upc gtin sku productid productno productcode
    itemid itemno itemcode partno lotno batchno model modelno version revision build buildno release commit sha hash
    checksum digest etag requestid traceid spanid correlationid seq seqno timestamp ts time date datetime createdat
    updatedat deletedat expiresat dtime amount price total balance quantity score ratio rate count size length
";

static THING_SET: LazyLock<HashMap<&'static [u8], (), foldhash::fast::RandomState>> =
    LazyLock::new(|| THINGS.split_ascii_whitespace().map(|word| (word.as_bytes(), ())).collect());

/// Whether a flat name, or the end of one, is that of a thing.
pub(crate) fn thing(flat: &[u8]) -> bool {
    THING_SET.contains_key(flat)
}

/// Names of OAuth 2.0 parameters that other things are called, too (RFC 6749 §4.1).
pub(crate) fn oauth(flat: &[u8]) -> bool {
    matches!(flat, b"code" | b"state" | b"oauthstate" | b"relaystate" | b"ticket" | b"hint")
}

/// Whether a few digits under a flat name, or the end of one, may be what somebody was sent to prove who he is.
pub(crate) fn proof(flat: &[u8]) -> bool {
    const PROOFS: &str = "
        mfa tfa fa twofa smsverification verification verificationnumber verificationno verify secondfactor twofactor twostep vcode tokencode accesscode
        unlockcode confirmcode confirmationcode duo digits dtmf keypad userinput
    ";
    PROOFS.split_ascii_whitespace().any(|word| word.as_bytes() == flat)
}

/// Telling parts of names written without any boundary: `userpassword`, `custemailaddr`.
const INSIDE: &[(Meaning, &str)] = &[
    (Personal(Class::Pan), "cardn cardno"),
    (Personal(Class::KrRrn), "jumin residentreg ihidnum"),
    (Personal(Class::Account), "accountn acctn bankacc gyejwa kyejwa acnut"),
    (Personal(Class::Email), "email"),
    (Personal(Class::Phone), "phone mobile cellul telno mbtlnum hyudae"),
    (Personal(Class::Birth), "birth"),
    (Personal(Class::Credential), "apikey token credential"),
    (Personal(Class::Session), "sessionid sessid"),
    (Personal(Class::Passport), "passport yeogwon"),
    (Personal(Class::KrBrn), "bizrno bizregn saupja"),
    (Personal(Class::KrLicense), "driverlic driverslic drivinglic"),
    (Personal(Class::Ip), "ipaddr"),
    (Personal(Class::HealthId), "medicare medicaid healthinsur"),
    (Personal(Class::Name), "firstname lastname fullname holdername custname username"),
    (Personal(Class::Address), "address"),
];

type Entries = HashMap<&'static [u8], Entry, foldhash::fast::RandomState>;

static ENTRIES: LazyLock<[Entries; 2]> =
    LazyLock::new(|| [entries(ALONE, false), entries(ENDINGS, true)]);

fn entries(list: &[(Meaning, &'static str)], ending: bool) -> Entries {
    let mut entries = HashMap::default();
    for &(meaning, words) in list {
        for word in words.split_ascii_whitespace() {
            // First in the lists wins: the more sensitive ones are above.
            entries.entry(word.as_bytes()).or_insert(Entry { meaning, ending });
        }
    }
    entries
}

/// The entry of a flat name.
pub(crate) fn entry(flat: &[u8]) -> Option<&'static Entry> {
    ENTRIES.iter().find_map(|entries| entries.get(flat))
}

/// The entry of a flat word at the end of a longer name.
pub(crate) fn ending(flat: &[u8]) -> Option<&'static Entry> {
    ENTRIES.iter().filter_map(|entries| entries.get(flat)).find(|entry| entry.ending)
}

/// Whether a flat word is that of a birth date, whose parts are named behind it: `dob[year]`.
pub(crate) fn birth(word: &[u8]) -> bool {
    matches!(ending(word), Some(Entry { meaning: Personal(Class::Birth), .. }))
}

/// The class of which a few words tell all: `diagnosis`, `gender`, but not `health`, which servers have, too.
pub(crate) fn telling(flat: &[u8]) -> Option<Class> {
    match ending(flat)?.meaning {
        Personal(class @ (Class::Health | Class::Gender)) if !common(flat) => Some(class),
        _ => None,
    }
}

/// Whether a name of the class of health is as often that of something else.
pub(crate) fn common(flat: &[u8]) -> bool {
    matches!(flat, b"health" | b"treatment" | b"weight" | b"height" | b"age")
}

/// Ends of names that say which secret is meant, or where it is kept, as Kubernetes and vaults do.
const ABOUT_SECRETS: &str = "
    secretname secretnames secretpath secretversion secretarn secretref secretkeyref secretengine secretstoreref pullsecrets
";

/// Whether a name says which secret is meant, and not what it is.
pub(crate) fn says_which(flat: &[u8]) -> bool {
    ABOUT_SECRETS.split_ascii_whitespace().any(|end| flat.ends_with(end.as_bytes()))
}

/// A secret that shows inside a name without boundaries.
pub(crate) fn secret_inside(flat: &[u8]) -> Option<Class> {
    let has = |part: &str| memchr::memmem::find(flat, part.as_bytes()).is_some();
    if ["passw", "passphrase", "userpw", "loginpw", "secretanswer"].iter().any(|p| has(p)) {
        Some(Class::Password)
    } else if ["cvv", "cvc"].iter().any(|p| has(p)) {
        Some(Class::Cvv)
    } else if ["secret", "privatekey"].iter().any(|p| has(p)) && !says_which(flat) {
        Some(Class::Credential)
    } else {
        None
    }
}

/// What shows inside a name without boundaries.
pub(crate) fn inside(flat: &[u8]) -> Meaning {
    find(INSIDE, flat)
}

/// What a Korean name says.
pub(crate) fn korean(raw: &[u8]) -> Meaning {
    let Ok(text) = std::str::from_utf8(raw) else { return Unknown };
    if unicode_normalization::is_nfc(text) {
        return find(KOREAN, raw);
    }
    find(
        KOREAN,
        unicode_normalization::UnicodeNormalization::nfc(text).collect::<String>().as_bytes(),
    )
}

/// Whether a Korean name may be kept: Hangul and ASCII letters, short, with a known part.
pub(crate) fn korean_name(raw: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(raw) else { return false };
    let letter = |c: char| matches!(c, '가'..='힣' | 'a'..='z' | 'A'..='Z' | '_');
    !raw.is_ascii()
        && text.chars().count() <= 16
        && text.chars().all(letter)
        && find(KOREAN, raw) != Unknown
        && known_share(text)
        && !a_person(text)
}

/// Family names of nearly all Koreans.
const FAMILY_NAMES: &str = "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진나지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용";

/// Whether a name has the form of a person's, though a known part shows in it: `박건수`, `정보라`. Known parts that are all
/// of it, but for an ending that says of what kind it is, are none.
fn a_person(text: &str) -> bool {
    let text = text.strip_suffix(['님', '씨']).unwrap_or(text);
    let family = text.chars().next().is_some_and(|c| FAMILY_NAMES.contains(c));
    let double = ["남궁", "황보", "제갈", "사공", "선우", "서문", "독고"];
    let long = double.iter().any(|family| text.starts_with(family));
    if !matches!((text.chars().count(), long), (3, _) | (4, true)) || !(family || long) {
        return false;
    }
    let stem = text.strip_suffix(['명', '값', '별', '액', '율', '률']);
    !(covers(text) || stem.is_some_and(covers))
}

/// Whether a text is a known part, and nothing else.
fn covers(text: &str) -> bool {
    KOREAN.iter().flat_map(|(_, words)| words.split_ascii_whitespace()).any(|word| word == text)
}

/// Whether little but known parts is in the name: "홍길동이름" has a person in it.
fn known_share(text: &str) -> bool {
    let mut rest = text.to_owned();
    for word in KOREAN.iter().flat_map(|(_, words)| words.split_ascii_whitespace()) {
        if word.chars().count() >= 2 && rest.contains(word) {
            rest = rest.replace(word, " ");
        }
    }
    rest.chars().filter(|c| *c != ' ').count() <= 2
}

fn find(list: &[(Meaning, &str)], text: &[u8]) -> Meaning {
    for (meaning, words) in list {
        for word in words.split_ascii_whitespace() {
            // One syllable is part of many words.
            let whole = word.chars().count() == 1;
            let hit = if whole {
                text == word.as_bytes()
            } else {
                memchr::memmem::find(text, word.as_bytes()).is_some()
            };
            if hit {
                return *meaning;
            }
        }
    }
    Unknown
}
