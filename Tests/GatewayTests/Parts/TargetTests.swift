import Testing

@testable import Gateway

@Suite("Where a path leads")
struct TargetTests {
    private func read(_ path: String) -> (Target, (Extent) -> String) {
        let text = path
        let target = withBytes(path) { Target.read($0, Extent(start: 0, end: $0.count)) }
        return (target, { extent in withBytes(text) { $0.at(extent).text } })
    }

    @Test("an endpoint's path loses its prefix and keeps everything behind it")
    func endpoint() {
        for (path, name, rest) in [
            ("/v1/endpoints/chat/a/b?c=d", "chat", "/a/b?c=d"), ("/v1/endpoints/chat", "chat", ""), ("/v1/endpoints/chat/", "chat", "/"),
            ("/v1/endpoints/chat//x%2Fy", "chat", "//x%2Fy")
        ] {
            let (target, text) = read(path)
            guard case .endpoint(let found, let tail) = target else { Issue.record("\(path) is \(target)"); continue }
            #expect(text(found) == name && text(tail) == rest)
        }
    }

    @Test("the other paths")
    func others() {
        for path in ["/v1/chat/completions", "/v1/completions?x", "/v1/responses", "/v1/embeddings"] { #expect(read(path).0 == .openAI) }
        #expect(read("/v1/models").0 == .models)
        #expect(read("/healthz").0 == .health)
        for path in [
            "/", "/v1", "/v1/endpoints/", "/v1/endpoints//x", "/v1/chat/completions/", "/v1/modelsx", "/healthzz", "/V1/models", "/v2/models/"
        ] {
            #expect(read(path).0 == .unknown, "\(path)")
        }
        for path in ["/v2/models/chat", "/v2/models/chat/infer", "/v2/models/chat/ready", "/v2/models/chat/versions/1/infer"] {
            let (target, text) = read(path)
            guard case .openInference(let name) = target else { Issue.record("\(path) is \(target)"); continue }
            #expect(text(name) == "chat")
        }
    }

    @Test("dot segments are seen however they are written")
    func dots() {
        for path in ["/..", "/a/../b", "/./", "/a/.", "/%2e%2E/x", "/.%2e", "/a/%2e?x", "/..?y", "/a/..\\b"] {
            #expect(withBytes(path, Target.hasDotSegment), "\(path)")
        }
        for path in ["", "/", "/a", "/...", "/a..b", "/.a", "/a.", "/x?y=/../z", "/%2ea"] {
            #expect(!withBytes(path, Target.hasDotSegment), "\(path)")
        }
    }
}
