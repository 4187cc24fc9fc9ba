//! A server in this process, and somebody who asks it.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use backend::app::App;
use backend::auth::Accounts;
use backend::config::Config;
use backend::core::{Core, CoreConfig};
use backend::routes;
use http_body_util::BodyExt;
use serde_json::Value;
use shared::api::{NewLink, NewToken, Role};
use simulator::{FleetOptions, Profile};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tower::Service;

pub(crate) const PASSWORD: &str = "correct horse";

/// A server without sockets for HTTP, with CoAP on a port of its own.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) stop: watch::Sender<bool>,
    _directory: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Server {
        Server::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Server {
        Server::start_as(change, |_| {}).await
    }

    /// A server that serves bootstrap to anybody, without security.
    pub(crate) async fn start_with_bootstrap() -> Server {
        let bootstrap = backend::bootstrap::Settings {
            coap: Some("127.0.0.1:0".parse().unwrap()),
            unknown_devices: backend::bootstrap::UnknownDevices::Accept,
            ..backend::bootstrap::Settings::default()
        };
        Server::start_as(|_| {}, |config| config.bootstrap = bootstrap).await
    }

    pub(crate) async fn start_as(
        change: impl FnOnce(&mut Config),
        change_core: impl FnOnce(&mut CoreConfig),
    ) -> Server {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config {
            data_dir: directory.path().to_owned(),
            ..Config::default()
        };
        change(&mut config);
        let mut core = CoreConfig {
            coap: Some("127.0.0.1:0".parse().unwrap()),
            shards: 1,
            data_dir: directory.path().to_owned(),
            ..CoreConfig::default()
        };
        change_core(&mut core);
        let core = Core::start(core).unwrap();
        let accounts = Accounts::new(core.store().clone(), &config.auth);
        accounts.ensure_admin(Some(PASSWORD.into())).await.unwrap();
        let (stop, stopping) = watch::channel(false);
        let app = App::new(core, accounts, config, Vec::new(), stopping);
        Server {
            router: routes::router(&app),
            app,
            stop,
            _directory: directory,
        }
    }

    /// So many simulated devices; returns their endpoint names when all have registered. They live as long as the
    /// server.
    pub(crate) async fn devices(&self, count: u32) -> Vec<String> {
        let mut batches = self.app.core.subscribe();
        let coap = self.app.core.local_addresses()[0].1;
        let options = FleetOptions {
            profile: Profile::Meter,
            ..FleetOptions::new(format!("coap://{coap}"), count)
        };
        let mut stopping = self.stop.subscribe();
        tokio::spawn(async move {
            let stop = async move {
                let _ = stopping.wait_for(|stopping| *stopping).await;
            };
            simulator::run(options, stop).await.unwrap();
        });
        let mut endpoints = Vec::new();
        while endpoints.len() < count as usize {
            let batch = tokio::time::timeout(Duration::from_secs(10), batches.recv()).await;
            let batch = batch.expect("devices that register in time").unwrap();
            let registered = batch.events.iter().filter(|event| event.name() == "registered");
            endpoints.extend(registered.map(|event| event.endpoint.to_string()));
        }
        endpoints
    }

    /// A device that registers with these links and says nothing more; with the socket that it listens at.
    pub(crate) async fn device(&self, endpoint: &str, flags: &[&str], links: &str) -> tokio::net::UdpSocket {
        let socket = tokio::net::UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let mut options = coap::Options::new();
        options.set_path("rd");
        options.set_content_format(Some(40));
        let endpoint = format!("ep={endpoint}");
        for query in [endpoint.as_str(), "lt=300", "lwm2m=1.1", "b=U"]
            .iter()
            .chain(flags)
        {
            options.add_query(query);
        }
        let message = coap::Message {
            kind: coap::Kind::Confirmable,
            code: coap::Code::POST,
            message_id: 1,
            token: coap::Token::new(b"1").unwrap(),
            options,
            payload: links.as_bytes().to_vec(),
        };
        let to = self.app.core.local_addresses()[0].1;
        let mut events = self.app.core.subscribe();
        socket.send_to(&message.encode(), to).await.unwrap();
        let mut buffer = [0; 1500];
        let answer = tokio::time::timeout(Duration::from_secs(10), socket.recv(&mut buffer)).await;
        let length = answer.expect("an answer to the registration").unwrap();
        let answer = coap::Message::parse(&buffer[..length]).unwrap();
        assert_eq!(answer.code, coap::Code::CREATED);
        // It is answered before it is shown.
        while self.app.core.device(&endpoint[3..]).is_none() {
            let told = tokio::time::timeout(Duration::from_secs(10), events.recv()).await;
            told.expect("the registration is shown").unwrap();
        }
        socket
    }

    /// Somebody with a token of this role.
    pub(crate) async fn with_role(&self, role: Role) -> Client {
        let token = NewToken {
            name: "test".into(),
            role,
            note: None,
            expires: None,
        };
        let token = self
            .app
            .accounts
            .create_token(token, "test")
            .await
            .unwrap()
            .secret;
        let mut client = self.stranger();
        client.header(header::AUTHORIZATION.as_str(), &format!("Bearer {token}"));
        client
    }

    /// Somebody who opened a link to this device.
    pub(crate) async fn guest(&self, endpoint: &str) -> Client {
        let link = NewLink { hours: 1, note: None };
        let made = self
            .app
            .accounts
            .create_link(endpoint, link, "admin")
            .await
            .unwrap();
        self.opened(&made.secret).await
    }

    /// A page after it opened the link of this secret.
    pub(crate) async fn opened(&self, secret: &str) -> Client {
        let body = serde_json::json!({ "secret": secret }).to_string();
        let answer = self.stranger().post("/api/v1/session/link", &body).await;
        self.stranger().with_session(&answer)
    }

    /// Somebody who shows nothing.
    pub(crate) fn stranger(&self) -> Client {
        Client {
            router: self.router.clone(),
            headers: HeaderMap::new(),
        }
    }

    /// A page after the log-in of `admin`: the cookie and the CSRF token.
    pub(crate) async fn page(&self) -> Client {
        self.page_of("admin", PASSWORD).await
    }

    /// A page after the log-in of this user.
    pub(crate) async fn page_of(&self, username: &str, password: &str) -> Client {
        let client = self.stranger();
        let answer = client.post("/api/v1/session", &log_in(username, password)).await;
        client.with_session(&answer)
    }
}

pub(crate) fn log_in(username: &str, password: &str) -> String {
    serde_json::json!({ "username": username, "password": password }).to_string()
}

/// Somebody who asks, with the headers that go with every request.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    headers: HeaderMap,
}

impl Client {
    /// Sends this header from now on; an empty value stops it.
    pub(crate) fn header(&mut self, name: &str, value: &str) {
        let name: header::HeaderName = name.parse().unwrap();
        if value.is_empty() {
            self.headers.remove(name);
        } else {
            self.headers.insert(name, value.parse().unwrap());
        }
    }

    /// Goes on with the session that an answer began.
    fn with_session(mut self, answer: &Answer) -> Client {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        let pair = cookie.split(';').next().unwrap().to_owned();
        self.header(header::COOKIE.as_str(), &pair);
        self.header("x-csrf-token", answer.json()["csrf_token"].as_str().unwrap());
        self
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "application/json", "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(Method::POST, path, "application/json", body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &str) -> Answer {
        self.send(Method::PATCH, path, "application/json", body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, "application/json", "").await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, content_type: &str, body: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::from(body.to_owned()))
            .unwrap();
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        request.headers_mut().extend(self.headers.clone());
        let response = self.router.clone().call(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The status and the code of an error; checks that it is one of ours.
    pub(crate) fn error(&self) -> (u16, String) {
        let json = self.json();
        assert!(
            json["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            "{self:?}"
        );
        assert_eq!(
            json["request_id"].as_str(),
            self.headers["x-request-id"].to_str().ok(),
            "{self:?}"
        );
        (self.status.as_u16(), json["code"].as_str().unwrap().to_owned())
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}
