import Core
import Testing
import Wire

@Suite("finding what a request line means")
struct PathTableTests {
    static let table = PathTable<String>([
        ("GET", "/api/{kind:models|datasets}/{owner}/{name}/tree/{rev}/{path*}", "tree of a folder"),
        ("GET", "/api/{kind:models|datasets}/{owner}/{name}/tree/{rev}", "tree"),
        ("GET", "/api/{kind:models|datasets}/{owner}/{name}", "repo"),
        ("GET", "/api/repos/{owner}/{name}", "literal"),
        ("POST", "/api/repos/create", "create"),
        ("DELETE", "/api/{kind:models|datasets}/{owner}/{name}", "delete"),
        ("GET", "/{owner}/{name}/resolve/refs/pr/{number}/{path*}", "pull request"),
        ("GET", "/{owner}/{name}/resolve/{rev}/{path*}", "file")
    ])

    static func found(_ method: String, _ path: String) throws -> (String, [String: String])? {
        guard case .found(let what, let values) = try table.match(method: method, path: path) else { return nil }
        return (what, values)
    }

    @Test(
        "literal segments win over words, words over values, values over a rest",
        arguments: [
            ("/api/models/a/b", "repo"), ("/api/repos/a/b", "literal"), ("/api/models/a/b/tree/main", "tree"),
            ("/api/datasets/a/b/tree/main/x/y", "tree of a folder"), ("/a/b/resolve/main/x", "file"), ("/a/b/resolve/refs/pr/1/x", "pull request"),
            ("/a/b/resolve/refs%2Fpr%2F1/x", "file"), ("/api/models/a/b/", "repo")
        ])
    func precedence(_ path: String, _ what: String) throws { #expect(try Self.found("GET", path)?.0 == what) }

    @Test("values are decoded one by one, after the slashes were found")
    func decoded() throws {
        let values = try #require(try Self.found("GET", "/api/models/a%20b/c%2Fd/tree/feature%2Fx/p%25/q+r/%F0%9F%90%9F")?.1)
        #expect(values == ["kind": "models", "owner": "a b", "name": "c/d", "rev": "feature/x", "path": "p%/q+r/🐟"])
    }

    @Test("a word that is none of those asked for is another address", arguments: ["/api/spaces/a/b", "/api/Models/a/b", "/api/models/a", "/"])
    func none(_ path: String) throws {
        guard case .none = try Self.table.match(method: "GET", path: path) else {
            Issue.record("\(path) was taken for something")
            return
        }
    }

    @Test("HEAD goes where GET goes, and another method is told which there are")
    func methods() throws {
        #expect(try Self.found("HEAD", "/api/models/a/b")?.0 == "repo")
        guard case .otherMethods(let methods) = try Self.table.match(method: "PUT", path: "/api/models/a/b") else {
            Issue.record("PUT was taken for something")
            return
        }
        #expect(methods == ["DELETE", "GET"])
    }

    @Test("what is not percent-encoded UTF-8 is refused", arguments: ["%", "%zz", "%ff", "a%2"])
    func malformed(_ text: String) {
        #expect(throws: HubError.self) { try Self.table.match(method: "GET", path: "/api/models/\(text)/b") }
    }
}
