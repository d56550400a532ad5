import Core
import NIOCore
import Testing
import Wire

@Suite("Small manners")
struct MannersTests {
    @Test(
        "a token is found in every spelling that tools use",
        arguments: [
            ("Bearer hf_abc", "hf_abc"), ("bearer hf_abc", "hf_abc"), ("BEARER   hf_abc", "hf_abc"), ("token hf_abc", "hf_abc"),
            ("Basic dXNlcjpoZl9hYmM=", "hf_abc"), ("basic dXNlcjpoZl9hYmM", "hf_abc"), ("Basic aGZfYWJjOg==", "hf_abc"),
            ("Basic dXNlcjphOmI=", "a:b")
        ])
    func token(_ header: String, _ token: String) { #expect(Credentials.token(authorization: header) == token) }

    @Test(
        "what is no token gives none",
        arguments: [
            "", "Bearer", "Bearer ", "Bearer a b", "hf_abc", "Digest x", "Basic !!!", "Basic dXNlcg==", "Basic Og==", "Bearer a\u{7F}b", "Bearer ü"
        ])
    func noToken(_ header: String) { #expect(Credentials.token(authorization: header) == nil) }

    @Test("base 64 survives the way there and back", arguments: 0..<40)
    func base64(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 73 + count) }
        #expect(Base64.decode(Base64.encodeURL(bytes)) == bytes)
    }

    @Test("base 64 that is not is refused", arguments: ["a", "ab=c", "a===", "a b", "abcde"])
    func notBase64(_ text: String) { #expect(Base64.decode(text) == nil) }

    @Test("a cursor comes back as the text it was made of")
    func cursor() throws {
        let cursor = Paging.cursor(after: "acme/wal ä\u{0}")
        #expect(try Paging(limit: "1000", cursor: cursor) == Paging(limit: 1000, after: "acme/wal ä\u{0}"))
        #expect(try Paging(limit: nil, cursor: nil) == Paging(limit: 100, after: nil))
    }

    @Test(
        "limits outside 1 to 1000 and foreign cursors are refused",
        arguments: [("0", nil), ("1001", nil), ("x", nil), (nil, "%%")] as [(String?, String?)])
    func refuses(_ limit: String?, _ cursor: String?) {
        let error = #expect(throws: HubError.self) { try Paging(limit: limit, cursor: cursor) }
        #expect(error?.code == .invalidRequest)
    }

    @Test("a client's request id is repeated only where it is harmless")
    func requestID() {
        #expect(RequestID.sane("a-B_3.z") == "a-B_3.z")
        for bad in ["", "a b", "a\r\nb", String(repeating: "x", count: 65), "ü"] { #expect(RequestID.sane(bad) == nil) }
        #expect(RequestID.sane(RequestID.new()) != nil)
        #expect(RequestID.new() != RequestID.new())
    }

    @Test("metrics are Prometheus text, with cumulative buckets")
    func metrics() {
        let metrics = Metrics()
        let surface = metrics.surface("oci")
        #expect(metrics.surface("oci") === surface)
        surface.answered(status: 206, after: .milliseconds(2))
        surface.answered(status: 404, after: .seconds(700))
        metrics.counter("things_total", "Things.").add(3)
        metrics.gauge("level", "Level.") { 1.5 }
        let lines = metrics.render().split(separator: "\n").map(String.init)
        for line in [
            "# TYPE grayling_requests_total counter", "grayling_requests_total{surface=\"oci\",status=\"2xx\"} 1",
            "grayling_requests_total{surface=\"oci\",status=\"4xx\"} 1", "# TYPE grayling_request_duration_seconds histogram",
            "grayling_request_duration_seconds_bucket{surface=\"oci\",le=\"0.001\"} 0",
            "grayling_request_duration_seconds_bucket{surface=\"oci\",le=\"0.0025\"} 1",
            "grayling_request_duration_seconds_bucket{surface=\"oci\",le=\"600\"} 1",
            "grayling_request_duration_seconds_bucket{surface=\"oci\",le=\"+Inf\"} 2",
            "grayling_request_duration_seconds_sum{surface=\"oci\"} 700.002", "grayling_request_duration_seconds_count{surface=\"oci\"} 2",
            "# HELP grayling_things_total Things.", "grayling_things_total 3", "grayling_level 1.5"
        ] { #expect(lines.contains(line), "\(line)") }
    }

    @Test(
        "base 64 as RFC 4648 has it, with padding and both alphabets",
        arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func base64(_ plain: String, _ coded: String) {
        #expect(Base64.encode(plain.utf8) == coded)
        #expect(Base64.decode(coded) == Array(plain.utf8))
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=" && Base64.encodeURL([0xFB, 0xFF]) == "-_8")
    }
}
