//! The few calls of the REST interface that a measurement needs, over plain HTTP/1.1 with kept connections.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(30);

/// A kept connection.
#[derive(Debug)]
pub(super) struct Rest {
    stream: BufReader<TcpStream>,
    token: String,
}

impl Rest {
    pub(super) fn connect(address: SocketAddr, token: &str) -> Result<Rest> {
        let stream = TcpStream::connect_timeout(&address, DEADLINE)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_write_timeout(Some(DEADLINE))?;
        stream.set_nodelay(true)?;
        Ok(Rest {
            stream: BufReader::new(stream),
            token: token.into(),
        })
    }

    /// The status and the body of the answer.
    pub(super) fn call(&mut self, method: &str, path: &str, body: &str) -> Result<(u16, String)> {
        let authorization = match self.token.as_str() {
            "" => String::new(),
            token => format!("Authorization: Bearer {token}\r\n"),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{authorization}Content-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split_whitespace().nth(1).and_then(|code| code.parse().ok());
        let status = status.with_context(|| format!("no HTTP answer: {line:?}"))?;
        let mut length = 0;
        loop {
            let mut header = String::new();
            self.stream.read_line(&mut header)?;
            let header = header.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().context("the length does not read")?;
            }
            if header.starts_with("transfer-encoding:") {
                bail!("an answer in chunks is not expected");
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    /// Has the server observe a path of a device.
    pub(super) fn observe(&mut self, endpoint: &str, path: &str) -> Result<()> {
        let url = format!("/api/v1/devices/{endpoint}/observations?wait=20");
        let body = format!("{{\"path\":\"{path}\",\"format\":\"text\"}}");
        match self.call("POST", &url, &body)? {
            (200, body) if body.contains("\"done\"") => Ok(()),
            (status, body) => bail!("{endpoint} is not observed: {status} {body}"),
        }
    }
}
