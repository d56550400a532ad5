import Testing

@testable import Wire

@Suite("the server as the client called it")
struct RequestOriginTests {
    @Test(
        "is the host of the request, and its scheme what a proxy says",
        arguments: [
            ("127.0.0.1:7070", nil, "http://127.0.0.1:7070"), ("hub.example", "https", "https://hub.example"),
            ("[::1]:7070", "http", "http://[::1]:7070"),
            (nil, nil, "http://localhost"), ("evil/../x", nil, "http://localhost"), ("a>; rel=\"next", nil, "http://localhost"),
            ("", "HTTPS", "https://localhost")
        ] as [(String?, String?, String)])
    func origin(host: String?, proto: String?, url: String) { #expect(RequestOrigin(host: host, proto: proto).url == url) }
}
