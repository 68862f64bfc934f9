//! One route of the API or one page, declared as a value.

use futures_util::future::BoxFuture;
use hyper::Method;
use incydr_store::Role;

use super::answer::Answer;
use super::call::Call;
use super::problem::Problem;

/// What a route does.
pub type Handler = fn(Call) -> BoxFuture<'static, Result<Answer, Problem>>;

/// Who asks at an address, and so how they prove who they are and how problems are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entrance {
    /// Programs, with an access key in each request; problems are JSON.
    Program,
    /// People in browsers, with a session; problems are pages.
    Person,
}

/// One method of one address.
#[derive(Clone, Debug)]
pub struct Route {
    /// The method; `HEAD` is served wherever `GET` is.
    pub method: Method,
    /// The address with its parameters, as in `/api/v1/collectors/{collectorId}`.
    pub path: &'static str,
    /// Who asks here.
    pub entrance: Entrance,
    /// Whether the page can be followed live.
    pub is_live: bool,
    /// Who may use it; `None` for everybody, without credentials.
    pub role: Option<Role>,
    /// What it does, for the served description.
    pub summary: &'static str,
    /// The name of the schema of the body that it takes, in the served description.
    pub takes: Option<&'static str>,
    /// The status that it answers with, and the name of the body's schema in the served description.
    pub gives: (u16, Option<&'static str>),
    /// The same of another good answer, for a route that can do two things.
    pub or_gives: Option<(u16, Option<&'static str>)>,
    /// Names of the query's parameters in the served description.
    pub query: &'static [&'static str],
    /// What it does.
    pub handler: Handler,
}

impl Route {
    /// A route that reads.
    pub const fn get(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self::new(Method::GET, path, Role::View, summary, handler)
    }

    /// A route that creates or starts something.
    pub const fn post(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self::new(Method::POST, path, Role::Manage, summary, handler)
    }

    /// A route that replaces something.
    pub const fn put(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self::new(Method::PUT, path, Role::Manage, summary, handler)
    }

    /// A route that deletes or ends something.
    pub const fn delete(path: &'static str, summary: &'static str, handler: Handler) -> Self {
        Self::new(Method::DELETE, path, Role::Manage, summary, handler)
    }

    /// A page.
    pub const fn page(path: &'static str, handler: Handler) -> Self {
        Self::get(path, "", handler).for_person()
    }

    /// A page that can be followed live: its regions are sent again when they change.
    pub const fn live_page(path: &'static str, handler: Handler) -> Self {
        let mut route = Self::page(path, handler);
        route.is_live = true;
        route
    }

    /// What a form of a page leads to.
    pub const fn form(path: &'static str, handler: Handler) -> Self {
        Self::post(path, "", handler).takes("a form").for_person()
    }

    /// The same route for everybody.
    #[must_use]
    pub const fn public(mut self) -> Self {
        self.role = None;
        self
    }

    /// The same route for another role.
    #[must_use]
    pub const fn of_role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// The same route, which takes a body.
    #[must_use]
    pub const fn takes(mut self, schema: &'static str) -> Self {
        self.takes = Some(schema);
        self
    }

    /// The same route, which answers with this status and body.
    #[must_use]
    pub const fn gives(mut self, status: u16, schema: Option<&'static str>) -> Self {
        self.gives = (status, schema);
        self
    }

    /// The same route, which may also answer with this status and body.
    #[must_use]
    pub const fn or_gives(mut self, status: u16, schema: Option<&'static str>) -> Self {
        self.or_gives = Some((status, schema));
        self
    }

    /// All its good answers: status, and name of the body's schema.
    pub fn answers(&self) -> impl Iterator<Item = (u16, Option<&'static str>)> {
        std::iter::once(self.gives).chain(self.or_gives)
    }

    /// The same route, which looks at these parameters of the query.
    #[must_use]
    pub const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    const fn for_person(mut self) -> Self {
        self.entrance = Entrance::Person;
        self
    }

    const fn new(
        method: Method,
        path: &'static str,
        role: Role,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            method,
            path,
            entrance: Entrance::Program,
            is_live: false,
            role: Some(role),
            summary,
            takes: None,
            gives: (200, None),
            or_gives: None,
            query: &[],
            handler,
        }
    }
}
