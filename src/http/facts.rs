//! Facts about a request, computed once and kept with it: handlers run on the threads that serve every connection, so
//! repeated parsing is costly.

use actix_web::{HttpMessage, HttpRequest};
use std::rc::Rc;

/// The `T` of a request. `read` computes it the first time.
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
    fn a_fact_is_computed_once_for_each_request() {
        let (one, other) = (TestRequest::default().to_http_request(), TestRequest::default().to_http_request());
        assert_eq!(*once(&one, |_| 1), 1);
        assert_eq!(*once(&one, |_| 2), 1);
        assert_eq!(*once(&other, |_| 3), 3);
    }
}
