//! A device over TCP or TLS of which every message is written by hand.

use crate::support::PATIENCE;
use coap::{Code, Options, StreamMessage, Token};
use std::collections::VecDeque;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) trait Bytes: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Bytes for S {}

/// One connection of a device.
pub(crate) struct StreamDevice {
    io: Box<dyn Bytes>,
    /// Bytes that are no whole message yet.
    partial: Vec<u8>,
    received: VecDeque<StreamMessage>,
    token: u8,
}

impl StreamDevice {
    /// Connects, and exchanges CSMs.
    pub(crate) async fn connect(server: SocketAddr) -> StreamDevice {
        StreamDevice::over(TcpStream::connect(server).await.unwrap()).await
    }

    /// Exchanges CSMs on a connection that stands.
    pub(crate) async fn over(io: impl Bytes + 'static) -> StreamDevice {
        let mut device = StreamDevice::silent(io);
        device.greet().await.unwrap();
        device
    }

    /// Exchanges CSMs; or says why the connection broke.
    pub(crate) async fn greet(&mut self) -> Result<(), String> {
        let mut csm = StreamMessage::new(Code::CSM);
        csm.options.add_uint(coap::stream::signal::MAX_MESSAGE_SIZE, 8192);
        csm.options.add(coap::stream::signal::BLOCK_WISE_TRANSFER, &[]);
        let broken = |error: std::io::Error| error.to_string();
        self.io.write_all(&csm.encode()).await.map_err(broken)?;
        self.io.flush().await.map_err(broken)?;
        match self.try_next().await.map_err(broken)? {
            Some(first) => {
                assert_eq!(first.code, Code::CSM, "the first message");
                Ok(())
            }
            None => Err("the server closed the connection".into()),
        }
    }

    /// A connection on which nothing was said.
    pub(crate) fn silent(io: impl Bytes + 'static) -> StreamDevice {
        StreamDevice {
            io: Box::new(io),
            partial: Vec::new(),
            received: VecDeque::new(),
            token: 0,
        }
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.io.write_all(bytes).await.unwrap();
        self.io.flush().await.unwrap();
    }

    pub(crate) async fn send(&mut self, message: &StreamMessage) {
        self.send_bytes(&message.encode()).await;
    }

    /// The next message that fits; others wait for their turn.
    pub(crate) async fn receive(&mut self, fits: impl Fn(&StreamMessage) -> bool) -> StreamMessage {
        if let Some(index) = self.received.iter().position(&fits) {
            return self.received.remove(index).unwrap();
        }
        loop {
            let message = self.next().await.expect("the server closed the connection");
            if fits(&message) {
                return message;
            }
            self.received.push_back(message);
        }
    }

    /// The next message; `None` when the server closed the connection.
    pub(crate) async fn next(&mut self) -> Option<StreamMessage> {
        self.try_next().await.ok().flatten()
    }

    async fn try_next(&mut self) -> std::io::Result<Option<StreamMessage>> {
        loop {
            // The shortest beginning that is a whole message.
            for end in 2..=self.partial.len() {
                if let Ok(message) = StreamMessage::parse(&self.partial[..end]) {
                    self.partial.drain(..end);
                    return Ok(Some(message));
                }
            }
            let mut buffer = [0; 4096];
            let read = tokio::time::timeout(PATIENCE, self.io.read(&mut buffer)).await;
            match read.expect("nothing came")? {
                0 => return Ok(None),
                length => self.partial.extend_from_slice(&buffer[..length]),
            }
        }
    }

    pub(crate) fn request(&mut self, code: Code, path: &str, queries: &[&str]) -> StreamMessage {
        self.token += 1;
        let mut options = Options::new();
        options.set_path(path);
        for query in queries {
            options.add_query(query);
        }
        StreamMessage {
            code,
            token: Token::from([self.token; 8]),
            options,
            payload: Vec::new(),
        }
    }

    /// Sends a request and returns its answer.
    pub(crate) async fn ask(&mut self, message: StreamMessage) -> StreamMessage {
        self.send(&message).await;
        self.receive(|answer| answer.token == message.token && answer.code.is_response())
            .await
    }

    pub(crate) async fn try_register(&mut self, queries: &[&str], links: &str) -> StreamMessage {
        let mut message = self.request(Code::POST, "rd", queries);
        message.options.set_content_format(Some(40));
        message.payload = links.as_bytes().to_vec();
        self.ask(message).await
    }

    /// Registers and returns the location.
    pub(crate) async fn register(&mut self, queries: &[&str], links: &str) -> String {
        let answer = self.try_register(queries, links).await;
        let words = String::from_utf8_lossy(&answer.payload).into_owned();
        assert_eq!(answer.code, Code::CREATED, "{words}");
        answer.options.location_path().unwrap()
    }

    /// Says Update and returns the code of the answer.
    pub(crate) async fn update(&mut self, location: &str) -> Code {
        let update = self.request(Code::POST, location, &[]);
        self.ask(update).await.code
    }

    /// The next request of the server.
    pub(crate) async fn asked(&mut self) -> StreamMessage {
        self.receive(|message| message.code.is_request()).await
    }

    pub(crate) async fn answer(
        &mut self,
        request: &StreamMessage,
        format: u16,
        payload: &[u8],
        observe: Option<u32>,
    ) {
        let mut answer = StreamMessage {
            token: request.token,
            payload: payload.to_vec(),
            ..StreamMessage::new(Code::CONTENT)
        };
        answer.options.set_content_format(Some(format));
        answer.options.set_observe(observe);
        self.send(&answer).await;
    }
}
