import API
import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("hostile and unusual addresses")
struct HostilePathTests {
    static let outside = [
        "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "a/../a.txt", "./a.txt", "a//x", "%2Fa.txt",
        "a.txt%00", "a.txt%0d%0aX-Evil:%20yes", "%ff%fe", "a%", "a%2", "a%zz", ".git/config", "a%5Cx", "%C3%28",
        String(repeating: "a/", count: 600) + "x",
        String(repeating: "x", count: 300), "a.txt%", "CON", "a.txt:stream", "%E2%80%AEtxt.a"
    ]

    @Test("never lead out of a revision, and never to a 5xx", arguments: [true, false])
    func outside(lean: Bool) async throws {
        try await NativeServer.run(lean: lean) { (server) async throws in
            try await server.test.publish(["a.txt": "inside", "a/x": "inside too"], to: "ada/whale")
            for path in Self.outside {
                let answer = try await server.ask("GET", "/hub/v1/models/ada/whale/resolve/main/\(path)")
                #expect([400, 404].contains(answer.status), "\(path) answered \(answer.status)")
                #expect(answer["X-Evil"] == nil && !answer.text.contains("root:"))
            }
        }
    }

    @Test("an empty segment at the beginning or the end of a path counts for nothing", arguments: ["/a.txt", "a.txt/", "//a/x"], [true, false])
    func emptySegments(_ path: String, lean: Bool) async throws {
        try await NativeServer.run(lean: lean) { (server) async throws in
            try await server.test.publish(["a.txt": "inside", "a/x": "inside too"], to: "ada/whale")
            let answer = try await server.ask("GET", "/hub/v1/models/ada/whale/resolve/main/\(path)")
            #expect(answer.status == 200 && answer.text == (path.contains("x/") || path.hasSuffix("/x") ? "inside too" : "inside"))
        }
    }

    @Test("names with every sign a path may have are read back, encoded as RFC 3986 says", arguments: [true, false])
    func unusual(lean: Bool) async throws {
        let files = Dictionary(
            uniqueKeysWithValues: [
                "a b", "a%20b", "a+b", "a&b=c", "a?b", "a#b", "ä/ö", "o\u{308}", "日本語/モデル.bin", "~tilde", "x;y", "'quote'", "\"double\"", "a|b",
                "<a>", "{b}", "a*", "-", "...",
                " lead", "trail ", "a.b/c", "%", "%41"
            ].map { ($0, "bytes of \($0)") })
        try await NativeServer.run(lean: lean) { (server) async throws in
            try await server.test.publish(files, to: "ada/whale", version: "1.0")
            for (path, content) in files {
                let answer = try await server.ask("GET", Endpoint.resolveFile.path("models", "ada", "whale", "1.0", path))
                #expect(answer.status == 200 && answer.text == content, "\(path)")
            }
            let listed = try await server.ask("GET", "/hub/v1/models/ada/whale/files?limit=1000")
            let found = try JSON.decode(Page<FileInfo>.self, from: Data(listed.body)).items
            #expect(found.map(\.path) == files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        }
    }

    @Test("a name with a slash stays one name where the slash is encoded", arguments: ["release/1.0", "a/b/c", "user+x/y_z-1.0"], [true, false])
    func slashes(_ name: String, lean: Bool) async throws {
        try await NativeServer.run(lean: lean) { (server) async throws in
            let made = try await server.test.publish(["b/c": "deep"], to: "ada/whale", version: name)
            let commit = made.named.revision.commit.hex
            let shown = try await server.ask("GET", Endpoint.showRevision.path("models", "ada", "whale", name))
            #expect(try JSON.decode(RevisionInfo.self, from: Data(shown.body)).commit == commit)
            let file = try await server.ask("GET", Endpoint.resolveFile.path("models", "ada", "whale", name, "b/c"))
            #expect(file.status == 200 && file.text == "deep" && file["X-Repo-Commit"] == commit)
            let files = try await server.ask("GET", Endpoint.listFiles.path("models", "ada", "whale", query: [("revision", name)]))
            #expect(try JSON.decode(Page<FileInfo>.self, from: Data(files.body)).items.map(\.path) == ["b/c"])
            let alias = try await server.ask(
                "PUT", Endpoint.setAlias.path("models", "ada", "whale", "x/" + name), as: TestHub.adminSecret, body: #"{"revision": "\#(name)"}"#)
            #expect(alias.status == 201)
            let gone = try await server.ask("DELETE", Endpoint.deleteAlias.path("models", "ada", "whale", "x/" + name), as: TestHub.adminSecret)
            #expect(gone.status == 204)
            // Not encoded, it is another address.
            #expect(try await server.ask("GET", "/hub/v1/models/ada/whale/revisions/\(name)").status == 404)
        }
    }

    static let foolish: [(target: String, status: Int)] = [
        ("/hub/v1/models/lone/whale/files?limit=-1", 400), ("/hub/v1/models/lone/whale/files?limit=1001", 400),
        ("/hub/v1/models/lone/whale/files?limit=1e3", 400),
        ("/hub/v1/models/lone/whale/files?cursor=%00", 400), ("/hub/v1/models/lone/whale/files?cursor=eA", 404),
        ("/hub/v1/models/lone/whale/lineage?depth=0", 400),
        ("/hub/v1/models/lone/whale/diff?from=%0a", 400), ("/hub/v1/models?owner=a--b", 400), ("/hub/v1/models?search=%00%22*()", 200),
        ("/hub/v1/models/%2e%2e/whale", 400), ("/hub/v1/models/lone/whale%2f..", 400), ("/hub/v1/models/lone/%ff", 400), ("/hub/v1/owners/%41da", 404)
    ]

    @Test("foolish queries and headers are refused, not obeyed")
    func queries() async throws {
        try await NativeServer.run { (server) async throws in
            try await server.test.publish(["a.txt": "inside"], to: "lone/whale")
            for (target, status) in Self.foolish {
                let answer = try await server.ask("GET", target)
                #expect(answer.status == status, "\(target) answered \(answer.text)")
            }
        }
    }
}
