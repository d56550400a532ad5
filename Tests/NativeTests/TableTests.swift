import API
import Core
import Foundation
import Native
import TestKit
import Testing

@Suite("the table of endpoints")
struct TableTests {
    @Test("everything in it is served")
    func served() { #expect(NativeRoutes.unserved.isEmpty) }

    static let otherMethods = [
        ("POST", "/hub/v1", "GET"), ("DELETE", "/hub/v1/tokens", "GET, POST"), ("PATCH", "/hub/v1/blobs/abc", "GET, HEAD, PUT"),
        ("GET", "/hub/v1/blobs", "POST"), ("POST", "/hub/v1/models/a/b", "DELETE, GET, PATCH"), ("GET", "/hub/v1/models/a/b/publish", "POST"),
        ("POST", "/hub/v1/models/a/b/resolve/main/x/y", "GET"), ("GET", "/hub/v1/care/collect", "POST"), ("PUT", "/hub/v1/uploads/abc", "DELETE, GET")
    ]

    @Test("another method is refused with the ones that are served")
    func methods() async throws {
        try await NativeServer.run { (server) async throws in
            for (method, path, allow) in Self.otherMethods {
                let answer = try await server.ask(method, path, as: TestHub.adminSecret)
                #expect(answer.status == 405 && answer["Allow"] == allow, "\(method) \(path)")
                let problem = try JSON.decode(Problem.self, from: Data(answer.body))
                #expect(problem.code == "method-not-allowed" && problem.details == ["allow": allow])
            }
        }
    }

    static let nowhere = [
        "/hub/v1/nothing", "/hub/v1/models/a/b/c/d/e", "/hub/v1/spaces", "/hub/v1/spaces/a/b", "/hub/v1/care", "/hub/v1/models/a/b/resolve/main",
        "/hub/v2", "/",
        "/hub/v1/blobs/", "/hub/v1x"
    ]

    @Test("what is in no table is not found, in the shape of a problem")
    func nothing() async throws {
        try await NativeServer.run { (server) async throws in
            for path in Self.nowhere {
                let answer = try await server.ask("GET", path)
                #expect(answer.status == (path == "/hub/v1/blobs/" ? 405 : 404), "\(path)")
                #expect(answer["Content-Type"] == "application/problem+json")
                let problem = try JSON.decode(Problem.self, from: Data(answer.body))
                #expect(problem.requestID == answer["X-Request-Id"] && problem.status == answer.status)
            }
        }
    }

    @Test("every code of the house has a status, and 5xx are ours alone")
    func statuses() {
        for code in HubError.Code.allCases { #expect((400...599).contains(code.status)) }
        #expect(Set(HubError.Code.allCases.filter { $0.status >= 500 }) == [.internalError, .storageDamaged, .unavailable, .notInControl, .storageFull])
    }

    @Test("a body above the limit is refused before it is read")
    func bodies() async throws {
        var small = Limits()
        small.requestBody = 1000
        try await NativeServer.run(limits: small) { (server) async throws in
            let large = #"{"name": ""# + String(repeating: "x", count: 2000) + #""}"#
            for path in ["/hub/v1/tokens", "/hub/v1/owners", "/hub/v1/models/ada/x/publish", "/hub/v1/locks"] {
                let answer = try await server.ask("POST", path, as: TestHub.adminSecret, body: large)
                #expect(answer.status == 413, "\(path)")
            }
            #expect(try await server.ask("GET", "/hub/v1/owners/xxx").status == 404, "and the server goes on")
        }
    }

    @Test("a file above the limit is refused where it is announced")
    func largeFile() async throws {
        var small = Limits()
        small.fileSize = 10
        try await NativeServer.run(limits: small) { (server) async throws in
            let digest = TestHub.digest("12345678901").hex
            #expect(try await server.ask("PUT", "/hub/v1/blobs/\(digest)", as: TestHub.adminSecret, body: "12345678901").status == 413)
            #expect(
                try await server.ask("POST", "/hub/v1/uploads", as: TestHub.adminSecret, body: #"{"digest": "\#(digest)", "size": 11}"#).status == 413
            )
            #expect(try await server.ask("HEAD", "/hub/v1/blobs/\(digest)", as: TestHub.adminSecret).status == 404)
        }
    }
}
