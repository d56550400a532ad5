import API
import Testing

@Suite("The endpoint table")
struct EndpointTests {
    @Test("a path is filled in and percent-encoded; only a last {path*} keeps its slashes")
    func paths() {
        #expect(Endpoint.showRepo.path("models", "acme", "whale") == "/hub/v1/models/acme/whale")
        #expect(
            Endpoint.resolveFile.path("models", "a", "b", "feat/x", "dir/ä b%.bin") == "/hub/v1/models/a/b/resolve/feat%2Fx/dir/%C3%A4%20b%25.bin")
        #expect(Endpoint.getBlob.path("sha256:ab") == "/hub/v1/blobs/sha256%3Aab")
        #expect(
            Endpoint.listFiles.path("models", "a", "b", query: [("prefix", "x&y=z"), ("limit", "1")])
                == "/hub/v1/models/a/b/files?prefix=x%26y%3Dz&limit=1")
    }

    @Test("no two endpoints share method and pattern")
    func unique() {
        let keys = Endpoint.all.map { "\($0.method) \($0.pattern)" }
        #expect(Set(keys).count == keys.count)
        #expect(Endpoint.all.allSatisfy { !$0.summary.isEmpty && $0.pattern.hasPrefix("/hub/v1") })
    }

    @Test("parameters are those of the pattern, in order")
    func parameters() {
        #expect(Endpoint.resolveFile.parameters == ["kind", "owner", "name", "revision", "path"])
        #expect(Endpoint.showServer.parameters == [])
    }
}
