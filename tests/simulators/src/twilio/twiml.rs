//! What a caller gets of a `TwiML` document. Strict: a document that is not well formed, or whose
//! root is not `Response`, is none, as at Twilio (error 12100).

/// The longest document Twilio takes, in bytes.
const BYTES_MAX: usize = 64 * 1024;

/// What a document does, as far as callers notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Twiml {
    /// What is said, in order.
    pub(crate) said: Vec<String>,
    /// Where the call goes on.
    pub(crate) dialled: Option<String>,
}

#[derive(Debug)]
enum Token {
    Open(String),
    Close(String),
    Text(String),
}

/// Reads a document; `None` if Twilio could not.
pub(crate) fn read(bytes: &[u8]) -> Option<Twiml> {
    if bytes.len() > BYTES_MAX {
        return None;
    }
    let mut twiml = Twiml::default();
    let mut open: Vec<String> = Vec::new();
    let mut rooted = false;
    for token in tokens(std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}'))? {
        match token {
            Token::Open(name) => {
                if open.is_empty() && (rooted || name != "Response") {
                    return None;
                }
                rooted = true;
                open.push(name);
            }
            Token::Close(name) => {
                if open.pop()? != name {
                    return None;
                }
            }
            Token::Text(text) if text.trim().is_empty() => {}
            Token::Text(_) if open.is_empty() => return None,
            Token::Text(text) => {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                if open.iter().any(|name| name == "Say") {
                    twiml.said.push(text);
                } else if open.iter().any(|name| name == "Dial") {
                    twiml.dialled.get_or_insert(text);
                }
            }
        }
    }
    (rooted && open.is_empty()).then_some(twiml)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("<?") {
            rest = after.split_once("?>")?.1;
        } else if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->")?.1;
        } else if let Some(after) = rest.strip_prefix("<![CDATA[") {
            let (inner, after) = after.split_once("]]>")?;
            tokens.push(Token::Text(inner.to_owned()));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>')?;
            tokens.push(Token::Close(name.trim_end().to_owned()));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('<') {
            let end = tag_end(after)?;
            let inner = after[..end].trim_end_matches('/');
            let name = inner.split_whitespace().next().filter(|name| is_name(name))?;
            attributes(&inner[name.len()..])?;
            tokens.push(Token::Open(name.to_owned()));
            if inner.len() < end {
                tokens.push(Token::Close(name.to_owned()));
            }
            rest = &after[end + 1..];
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            tokens.push(Token::Text(unescape(&rest[..end])?));
            rest = &rest[end..];
        }
    }
    Some(tokens)
}

/// Where a tag ends: at the first `>` outside of quotes.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, sign) in text.char_indices() {
        match (quote, sign) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(sign),
            (Some(begun), sign) if begun == sign => quote = None,
            (_, _) => {}
        }
    }
    None
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(&byte))
}

/// Checks `name="value"` as often as it stands there.
fn attributes(text: &str) -> Option<()> {
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        is_name(name.trim()).then_some(())?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
        let (value, after) = after[1..].split_once(quote)?;
        unescape(value).filter(|_| !value.contains('<'))?;
        rest = after.trim_start();
    }
    Some(())
}

/// Puts signs in the place of entities; `None` for a bare `&` and entities XML does not know.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (entity, after) = after.split_once(';')?;
        out.push_str(before);
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            coded => {
                let number = coded.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        });
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<Vec<String>> {
        read(text.as_bytes()).map(|twiml| twiml.said)
    }

    #[test]
    fn what_is_said_is_read_in_order_and_unescaped() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- ours -->\n<Response>\n \
                    <Say voice='alice' language=\"fr-FR\">Tom &amp; Jerry&#8217;s\n  shop</Say>\
                    <Pause length=\"1\"/><Say><![CDATA[1 < 2]]></Say><Hangup/></Response>\n";
        assert_eq!(said(text).unwrap(), ["Tom & Jerry\u{2019}s shop", "1 < 2"]);
    }

    #[test]
    fn a_dial_names_where_the_call_goes_on() {
        let nested = "<Response><Dial><Number>+14155550123</Number></Dial></Response>";
        let plain = "<Response><Say>One moment.</Say><Dial>+14155550123</Dial></Response>";
        for text in [nested, plain] {
            let twiml = read(text.as_bytes()).unwrap();
            assert_eq!(twiml.dialled.as_deref(), Some("+14155550123"));
        }
        assert_eq!(read(b"<Response/>"), Some(Twiml::default()));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in [
            "",
            "Sorry",
            "{\"error\":\"no\"}",
            "<Say>Hello</Say>",
            "<Response><Say>Tom & Jerry</Say></Response>",
            "<Response><Say>Hello</Response></Say>",
            "<Response><Say>Hello</Say>",
            "<Response></Response><Response></Response>",
            "<Response><Say voice=alice>Hello</Say></Response>",
            "<Response><Say>1 &nbsp; 2</Say></Response>",
            "text <Response></Response>",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
