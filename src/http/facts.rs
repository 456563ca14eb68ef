//! What a request says of itself, read once however often it is asked for: all of it runs on the threads that serve every connection.

use actix_web::{HttpMessage, HttpRequest};
use std::rc::Rc;

/// The `T` of a request, which `read` reads where nobody has asked for it yet.
pub fn once<T: 'static>(request: &HttpRequest, read: impl FnOnce(&HttpRequest) -> T) -> Rc<T> {
    let known = request.extensions().get::<Rc<T>>().cloned();
    known.unwrap_or_else(|| {
        let read = Rc::new(read(request));
        request.extensions_mut().insert(read.clone());
        read
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_fact_is_read_once_for_each_request() {
        let (one, other) = (TestRequest::default().to_http_request(), TestRequest::default().to_http_request());
        assert_eq!(*once(&one, |_| 1), 1);
        assert_eq!(*once(&one, |_| 2), 1);
        assert_eq!(*once(&other, |_| 3), 3);
    }
}
