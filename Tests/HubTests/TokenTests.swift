import Blobs
import Catalog
import Core
import Foundation
import Hashing
import Hub
import TestKit
import Testing

@Suite("tokens")
struct TokenTests {
    @Test("an expired, a revoked and an unknown token are told apart")
    func ends() async throws {
        let test = try await TestHub()
        let short = try await test.token("ada", seconds: 60)
        #expect(try test.hub.principal(secret: short).principal.user?.name == "ada")
        test.clock.turn(seconds: 59)
        #expect(try await code { try test.hub.principal(secret: short) } == nil)
        test.clock.turn(seconds: 1)
        #expect(try await code { try test.hub.principal(secret: short) } == .tokenExpired)

        let long = try await test.token("ada")
        let who = try test.hub.principal(secret: long).principal
        let id = try #require(try test.hub.tokens(of: who).last?.id)
        try await test.hub.revokeToken(id, by: who)
        #expect(try await code { try test.hub.principal(secret: long) } == .unauthenticated)
        #expect(try await code { try test.hub.principal(secret: "hf_never") } == .unauthenticated)
        #expect(try test.events().suffix(2).map(\.action) == ["token.created", "token.revoked"])
        await test.close()
    }

    @Test("a secret has the shape clients accept, is shown once, and only its hash is on disk")
    func secret() async throws {
        let test = try await TestHub()
        let (secret, facts) = try await test.hub.createToken(name: "laptop", role: .writer, expiresInSeconds: 3600, user: nil, by: test.admin)
        #expect(secret.wholeMatch(of: /hf_[A-Za-z0-9]{40}/) != nil)
        #expect(facts.name == "laptop" && facts.user == "admin" && facts.role == .writer && facts.expires == test.clock.now.adding(seconds: 3600))
        try await test.hub.catalog.checkpoint()
        for name in try FileManager.default.contentsOfDirectory(atPath: test.root.layout.root) where name.hasPrefix("catalog") {
            let bytes = try Data(contentsOf: URL(filePath: test.root.layout.root + "/" + name))
            #expect(bytes.range(of: Data(secret.utf8)) == nil && bytes.range(of: Data(TestHub.adminSecret.utf8)) == nil)
        }
        #expect(try test.hub.catalog.read { try $0.holder(ofTokenHash: Digest(of: secret)) }?.token == facts.id)
        await test.close()
    }

    @Test("a token cannot make a stronger one, nor a foolish one")
    func limits() async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada", role: .writer)
        let rows = try test.rows()
        func make(_ name: String, _ role: Role, _ seconds: Int64? = nil) async throws -> HubError.Code? {
            try await code { try await test.hub.createToken(name: name, role: role, expiresInSeconds: seconds, user: nil, by: ada) }
        }
        #expect(try await make("t", .admin) == .notPermitted)
        #expect(try await make("", .reader) == .invalidName)
        #expect(try await make("a\nb", .reader) == .invalidName)
        #expect(try await make("t", .reader, 0) == .invalidRequest)
        #expect(try await make("t", .reader, .max) == .invalidRequest)
        #expect(try test.rows() == rows)
        #expect(try await make("t", .writer) == nil)
        await test.close()
    }

    @Test("the first token is made once, with the secret given or one of its own")
    func first() async throws {
        let test = try await TestHub()
        let rows = try test.rows()
        #expect(try await test.hub.makeFirstToken(secret: nil) { _ in } == nil)
        #expect(try test.rows() == rows)
        #expect(test.admin.user?.isSiteAdmin == true && test.admin.user?.ceiling == .admin)
        await test.close()
    }
}
