import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("who may do what")
struct AccessTests {
    /// Somebody, by the role they hold and the role of their token.
    struct Actor: Sendable, CustomTestStringConvertible {
        let name: String
        var granted: Role?
        var byRepo = false
        var token: Role? = .admin
        /// What is left of the role; nil for a stranger.
        var effective: Role? { token.flatMap { token in name == "site" ? token : granted.map { min($0, token) } } }
        var testDescription: String { "\(name) token=\(token?.rawValue ?? "none")" }
    }

    static let actors: [Actor] = [
        Actor(name: "anonymous", token: nil), Actor(name: "stranger"), Actor(name: "reader", granted: .reader),
        Actor(name: "writer", granted: .writer), Actor(name: "admin", granted: .admin), Actor(name: "repo-reader", granted: .reader, byRepo: true),
        Actor(name: "repo-writer", granted: .writer, byRepo: true), Actor(name: "repo-admin", granted: .admin, byRepo: true),
        Actor(name: "writer", granted: .writer, token: .reader), Actor(name: "admin", granted: .admin, token: .writer),
        Actor(name: "admin", granted: .admin, token: .reader), Actor(name: "site"), Actor(name: "site", token: .writer),
        Actor(name: "site", token: .reader)
    ]

    struct UseCase: Sendable {
        let name: String
        let needs: Role
        /// Publishing may make a repo, so its refusals are those of making one.
        var makes = false
        let run: @Sendable (TestHub, RepoName, Principal) async throws -> Void
        init(_ name: String, _ needs: Role, makes: Bool = false, _ run: @escaping @Sendable (TestHub, RepoName, Principal) async throws -> Void) {
            (self.name, self.needs, self.makes, self.run) = (name, needs, makes, run)
        }
    }

    static let useCases: [UseCase] = [
        UseCase("show", .reader) { test, repo, who in _ = try test.hub.repo(repo, for: who) },
        UseCase("files", .reader) { test, repo, who in _ = try test.hub.files(of: repo, at: .main, for: who) },
        UseCase("locate", .reader) { test, repo, who in _ = try test.hub.locate(FilePath(parsing: "a"), at: .main, of: repo, for: who) },
        UseCase("history", .reader) { test, repo, who in _ = try test.hub.history(from: .main, of: repo, limit: 9, for: who) },
        UseCase("refs", .reader) { test, repo, who in _ = try test.hub.refs(of: repo, for: who) },
        UseCase("lineage", .reader) { test, repo, who in _ = try test.hub.lineage(of: .main, in: repo, .up, depth: 1, for: who) },
        UseCase("diff", .reader) { test, repo, who in _ = try test.hub.diff(of: repo, from: .main, to: .main, for: who) },
        UseCase("plan", .writer, makes: true) { test, repo, who in
            _ = try await test.hub.planPublish(test.draft(["a": repo.name], to: repo.path).files, to: repo, by: who)
        },
        UseCase("publish", .writer, makes: true) { test, repo, who in
            _ = try await test.hub.publish(test.draft(["a": repo.name], to: repo.path), by: who)
        },
        UseCase("branch", .writer) { test, repo, who in
            _ = try await test.hub.setRef(.named("dev"), .branch, to: .main, in: repo, expected: .none, by: who)
            try await test.hub.deleteRef(.named("dev"), .branch, in: repo, expected: .none, by: who)
        },
        UseCase("alias", .writer) { test, repo, who in
            _ = try await test.hub.setRef(.named("best"), .alias, to: .main, in: repo, expected: .none, by: who)
        },
        UseCase("version", .writer) { test, repo, who in
            _ = try await test.hub.setRef(.named("2.0"), .version, to: .main, in: repo, expected: .none, by: who)
        },
        UseCase("add lineage", .writer) { test, repo, who in
            try await test.hub.addLineage(LineageClaim(parsing: "base/model"), to: .main, in: repo, by: who)
        },
        UseCase("withdraw", .admin) { test, repo, who in try await test.hub.withdrawVersion(.named("1.0"), reason: "old", in: repo, by: who) },
        UseCase("change", .admin) { test, repo, who in
            _ = try await test.hub.changeRepo(repo, isPrivate: nil, description: "new", expected: .none, by: who)
        },
        UseCase("members", .admin) { test, repo, who in _ = try test.hub.members(of: repo, by: who) },
        UseCase("set member", .admin) { test, repo, who in try await test.hub.setRole(.reader, of: OwnerName(parsing: "guest"), in: repo, by: who) },
        UseCase("events", .admin) { test, repo, who in _ = try test.hub.events(after: 0, repo: repo, limit: 9, for: who) },
        UseCase("delete", .admin) { test, repo, who in try await test.hub.deleteRepo(repo, expected: .none, by: who) }
    ]

    static func expected(_ actor: Actor, _ useCase: UseCase, isPrivate: Bool) -> HubError.Code? {
        if isPrivate, actor.effective == nil {
            // As if it did not exist: which, for publishing, means not being allowed to make it.
            return useCase.makes ? (actor.token == nil ? .unauthenticated : .notPermitted) : .unknownRepo
        }
        if useCase.needs == .reader { return nil }
        if actor.token == nil { return .unauthenticated }
        return actor.effective.map { $0 >= useCase.needs } ?? false ? nil : .notPermitted
    }

    @Test("every use-case in a public and a private repo", arguments: actors)
    func table(_ actor: Actor) async throws {
        let test = try await TestHub()
        _ = try await test.user("guest")
        try await test.publish(["b": "base"], to: "base/model")
        for isPrivate in [false, true] {
            let repo = try test.repo("acme/\(isPrivate ? "secret" : "open")")
            try await test.publish(["a": repo.name], to: repo.path, version: "1.0") { $0.isPrivate = isPrivate }
            let who = try await Self.principal(actor, in: repo, test)
            for useCase in Self.useCases {
                let rows = try test.rows()
                let code = try await code { try await useCase.run(test, repo, who) }
                #expect(code == Self.expected(actor, useCase, isPrivate: isPrivate), "\(useCase.name), private: \(isPrivate)")
                if code != nil { #expect(try test.rows() == rows, "\(useCase.name) was refused and yet changed something") }
            }
        }
        await test.close()
    }

    static func principal(_ actor: Actor, in repo: RepoName, _ test: TestHub) async throws -> Principal {
        guard let token = actor.token else { return .anonymous }
        let name = actor.name == "site" ? "admin" : actor.name
        let who = try await test.user(name == "admin" && actor.name != "site" ? "an-admin" : name, role: token)
        guard let role = actor.granted else { return who }
        let user = try OwnerName(parsing: who.name)
        if actor.byRepo {
            try await test.hub.setRole(role, of: user, in: repo, by: test.admin)
        } else {
            try await test.hub.setRole(role, of: user, in: repo.owner, by: test.admin)
        }
        return who
    }

    @Test("care, the whole log and other people's tokens are for the site admin with an admin token")
    func siteAdmin() async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada", role: .admin)
        let weak = try await test.user("admin", role: .writer)
        let adasToken = try #require(try test.hub.tokens(of: ada).first?.id)
        for who in [Principal.anonymous, ada, weak] {
            let refused: HubError.Code = who == .anonymous ? .unauthenticated : .notPermitted
            #expect(try await code { try await test.hub.collect(isDryRun: true, graceSeconds: 0, by: who) } == refused)
            #expect(try await code { try await test.hub.verifyStore(bytesPerSecond: nil, by: who) { _, _ in } } == refused)
            #expect(try await code { try await test.hub.backup(to: test.folder.file("b"), by: who) { _, _ in } } == refused)
            #expect(try await code { try test.hub.events(after: 0, repo: nil, limit: 1, for: who) } == refused)
            if who == ada { continue }
            #expect(try await code { try await test.hub.revokeToken(adasToken, by: who) } == (who == .anonymous ? .unauthenticated : .unknownToken))
        }
        #expect(
            try await code {
                try await test.hub.createToken(name: "t", role: .reader, expiresInSeconds: nil, user: OwnerName(parsing: "bob"), by: ada)
            } == .notPermitted)
        try await test.hub.revokeToken(adasToken, by: test.admin)
        #expect(try test.hub.tokens(of: ada).isEmpty)
        await test.close()
    }

    @Test("namespaces: your own is yours, others need a role, a new one is its maker's")
    func owners() async throws {
        let test = try await TestHub()
        let (ada, bob) = (try await test.user("ada"), try await test.user("bob", role: .admin))
        let readOnly = try await test.user("ada", role: .reader)
        #expect(try await code { try await test.publish(["a": "1"], to: "ada/whale", by: ada) } == nil)
        #expect(
            try await code { try await test.hub.createRepo(test.repo("ada/other"), isPrivate: false, description: "", by: readOnly) } == .notPermitted
        )
        #expect(try await code { try await test.hub.createRepo(test.repo("ada/mine"), isPrivate: false, description: "", by: bob) } == .notPermitted)
        #expect(try await code { try await test.hub.createRepo(test.repo("nobody/x"), isPrivate: false, description: "", by: bob) } == .unknownOwner)
        #expect(
            try await code { try await test.hub.createRepo(test.repo("x/y"), isPrivate: false, description: "", by: .anonymous) } == .unauthenticated)
        try await test.hub.createOwner(OwnerName(parsing: "Team"), by: bob)
        #expect(try await code { try await test.hub.createOwner(OwnerName(parsing: "team"), by: ada) } == .ownerExists)
        #expect(try test.hub.members(of: OwnerName(parsing: "team"), by: bob) == [MemberFacts(user: "bob", role: .admin)])
        #expect(try await code { try test.hub.members(of: OwnerName(parsing: "team"), by: ada) } == .notPermitted)
        #expect(try await code { try await test.publish(["a": "1"], to: "team/whale", by: ada) } == .notPermitted)
        try await test.hub.setRole(.writer, of: OwnerName(parsing: "ada"), in: OwnerName(parsing: "team"), by: bob)
        #expect(try await code { try await test.publish(["a": "1"], to: "team/whale", by: ada) } == nil)
        try await test.hub.setRole(nil, of: OwnerName(parsing: "ada"), in: OwnerName(parsing: "team"), by: bob)
        #expect(try await code { try await test.publish(["a": "2"], to: "team/whale", by: ada) } == .notPermitted)
        #expect(
            try await code { try await test.hub.setRole(.reader, of: OwnerName(parsing: "ghost"), in: OwnerName(parsing: "team"), by: bob) }
                == .unknownOwner)
        await test.close()
    }
}
