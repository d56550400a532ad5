import API
import Core
import Foundation
import Hub
import TestKit
import Testing

/// Hot reads remember answers; nobody may notice but by the time it takes.
@Suite("what was read before is never served after it changed")
struct ReadMemoryTests {
    static let file = "/hub/v1/models/ada/whale/resolve/main/a"

    struct World: Sendable {
        let server: NativeServer
        let ada: Principal
        let boss: Principal
        let eve: String
        var test: TestHub { server.test }

        /// The status, asked twice, so that the second time is from memory if the first may be.
        func status(_ target: String, as secret: String? = nil) async throws -> Int {
            let first = try await server.ask("GET", target, as: secret)
            let second = try await server.ask("GET", target, as: secret)
            #expect(first.status == second.status && (first.status >= 400 || first.body == second.body))
            return second.status
        }
        func text(_ target: String, as secret: String? = nil) async throws -> String { try await server.ask("GET", target, as: secret).text }
    }

    static func run(isPrivate: Bool = false, _ body: @escaping @Sendable (World) async throws -> Void) async throws {
        try await NativeServer.run { (server) async throws in
            let (ada, boss) = (try await server.test.user("ada"), try await server.test.user("ada", role: .admin))
            let world = World(server: server, ada: ada, boss: boss, eve: try await server.test.token("eve"))
            try await server.test.publish(["a": "one"], to: "ada/whale", by: ada) { $0.isPrivate = isPrivate }
            try await body(world)
        }
    }

    @Test("a repo that becomes private, and public again")
    func visibility() async throws {
        try await Self.run { (world) async throws in
            let repo = try world.test.repo("ada/whale")
            let blob = "/hub/v1/blobs/\(TestHub.digest("one").hex)"
            for isPrivate in [false, true, false, true] {
                _ = try await world.test.hub.changeRepo(repo, isPrivate: isPrivate, description: nil, expected: .none, by: world.boss)
                for secret in [nil, world.eve] {
                    #expect(try await world.status(Self.file, as: secret) == (isPrivate ? 404 : 200))
                    #expect(try await world.status(blob, as: secret) == (isPrivate ? 404 : 200))
                }
                #expect(try await world.status(Self.file, as: TestHub.adminSecret) == 200)
            }
        }
    }

    @Test("a branch that moves, a repo that is renamed and whose name is taken, and one that is deleted")
    func names() async throws {
        try await Self.run { (world) async throws in
            #expect(try await world.text(Self.file) == "one")
            try await world.test.publish(["a": "two"], to: "ada/whale", by: world.ada)
            #expect(try await world.text(Self.file) == "two")
            _ = try await world.test.hub.moveRepo(world.test.repo("ada/whale"), to: world.test.repo("ada/orca"), by: world.boss)
            #expect(try await world.text(Self.file) == "two")
            try await world.test.publish(["a": "another whale"], to: "ada/whale", by: world.ada)
            #expect(try await world.text(Self.file) == "another whale")
            try await world.test.hub.deleteRepo(world.test.repo("ada/whale"), expected: .none, by: world.boss)
            #expect(try await world.status(Self.file) == 404)
        }
    }

    @Test("a role that is given and taken, a token that is revoked and one that expires")
    func rights() async throws {
        try await Self.run(isPrivate: true) { world in
            let (repo, eve) = (try world.test.repo("ada/whale"), try OwnerName(parsing: "eve"))
            let short = try await world.test.token("ada", seconds: 60)
            #expect(try await world.status(Self.file, as: short) == 200)
            #expect(try await world.status(Self.file, as: world.eve) == 404)
            try await world.test.hub.setRole(.reader, of: eve, in: repo, by: world.boss)
            #expect(try await world.status(Self.file, as: world.eve) == 200)
            #expect(try await world.status(Self.file) == 404)
            try await world.test.hub.setRole(nil, of: eve, in: repo, by: world.boss)
            #expect(try await world.status(Self.file, as: world.eve) == 404)

            let token = try await world.test.token("ada")
            #expect(try await world.server.ask("GET", Self.file, as: token).status == 200)
            let who = try world.test.hub.principal(secret: token).principal
            guard let id = try world.test.hub.tokens(of: who).last?.id else { return }
            try await world.test.hub.revokeToken(id, by: world.boss)
            #expect(try await world.server.ask("GET", Self.file, as: token).status == 401)
            world.test.clock.turn(seconds: 60)
            #expect(try await world.server.ask("GET", Self.file, as: short).status == 401)
        }
    }

    @Test("downloads are counted, remembered or not")
    func downloads() async throws {
        try await Self.run { (world) async throws in
            for _ in 0..<5 { #expect(try await world.server.ask("GET", Self.file).status == 200) }
            _ = try await world.server.ask("HEAD", Self.file)
            _ = try await world.server.ask("GET", Self.file, headers: [("Range", "bytes=0-0")])
            try await world.test.hub.flushDownloads()
            #expect(try world.test.hub.repo(world.test.repo("ada/whale"), for: .anonymous).downloads == 5)
        }
    }
}
