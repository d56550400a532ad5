import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("branches, versions and aliases")
struct RefTests {
    static func hub() async throws -> (TestHub, RepoName, [GitID]) {
        let test = try await TestHub()
        var commits: [GitID] = []
        for i in 1...3 {
            test.clock.turn(seconds: 10)
            commits.append(try await test.publish(["a": "\(i)"], to: "acme/whale").named.revision.commit)
        }
        return (test, try test.repo("acme/whale"), commits)
    }

    @Test("every move of an alias is kept, newest first, also behind its deletion")
    func aliasHistory() async throws {
        let (test, repo, commits) = try await Self.hub()
        let champion = try RefName.named("champion")
        #expect(try await code { try test.hub.aliasMoves(champion, in: repo, before: .max, limit: 9, for: test.admin) } == .unknownAlias)
        let count = try test.events().count
        var times: [Instant] = []
        for (i, commit) in [commits[0], commits[1], commits[1], commits[2]].enumerated() {
            test.clock.turn(seconds: 10)
            let set = try await test.hub.setRef(champion, .alias, to: .commit(commit), in: repo, expected: .none, by: test.admin)
            #expect(set.wasMade == (i == 0) && set.ref.commit == commit)
            times.append(test.clock.now)
        }
        try await test.hub.deleteRef(champion, .alias, in: repo, expected: .exists, by: test.admin)
        let moves = try test.hub.aliasMoves(champion, in: repo, before: .max, limit: 9, for: .anonymous).map(\.move)
        #expect(moves.map(\.to) == [nil, commits[2], commits[1], commits[0]])
        #expect(moves.map(\.from) == [commits[2], commits[1], commits[0], nil])
        #expect(moves.map(\.at) == [times[3], times[3], times[1], times[0]] && moves.allSatisfy { $0.by == "admin" })
        // Moving to where it stands is no move.
        #expect(try test.actions(since: count) == ["alias.created", "alias.moved", "alias.moved", "alias.deleted"])
        #expect(try await code { try test.hub.revision(.name(champion), of: repo, for: .anonymous) } == .unknownRevision)
        await test.close()
    }

    @Test("If-Match: only who read the last state may change it")
    func generations() async throws {
        let (test, repo, commits) = try await Self.hub()
        let best = try RefName.named("best")
        #expect(
            try await code { try await test.hub.setRef(best, .alias, to: .main, in: repo, expected: .exists, by: test.admin) } == .preconditionFailed)
        let made = try await test.hub.setRef(best, .alias, to: .commit(commits[0]), in: repo, expected: .none, by: test.admin).ref
        let moved = try await test.hub.setRef(best, .alias, to: .commit(commits[1]), in: repo, expected: .exactly(made.generation), by: test.admin)
            .ref
        #expect(moved.generation == made.generation + 1)
        let rows = try test.rows()
        #expect(
            try await code { try await test.hub.setRef(best, .alias, to: .main, in: repo, expected: .exactly(made.generation), by: test.admin) }
                == .preconditionFailed)
        #expect(
            try await code { try await test.hub.deleteRef(best, .alias, in: repo, expected: .exactly(made.generation), by: test.admin) }
                == .preconditionFailed)
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("one name means one thing, and versions never move")
    func kinds() async throws {
        let (test, repo, commits) = try await Self.hub()
        let one = try RefName.named("1.0.0")
        let made = try await test.hub.setRef(one, .version, to: .commit(commits[0]), in: repo, expected: .none, by: test.admin)
        #expect(made.wasMade && made.ref.commit == commits[0])
        let rows = try test.rows()
        func set(_ name: RefName, _ kind: RefKind, _ commit: GitID) async throws -> HubError.Code? {
            try await code { try await test.hub.setRef(name, kind, to: .commit(commit), in: repo, expected: .none, by: test.admin) }
        }
        #expect(try await set(one, .version, commits[1]) == .versionExists)
        #expect(try await set(one, .version, commits[0]) == .versionExists)
        #expect(try await set(one, .alias, commits[0]) == .refExists)
        #expect(try await set(one, .branch, commits[0]) == .refExists)
        #expect(try await set(.main, .alias, commits[0]) == .refExists)
        #expect(try await set(.main, .version, commits[0]) == .versionExists)
        #expect(try await code { try await test.hub.deleteRef(one, .branch, in: repo, expected: .none, by: test.admin) } == .unknownRevision)
        #expect(try await code { try await test.hub.deleteRef(one, .alias, in: repo, expected: .none, by: test.admin) } == .unknownAlias)
        #expect(try await code { try await test.hub.deleteRef(.main, .branch, in: repo, expected: .none, by: test.admin) } == .protected)
        #expect(
            try await code { try await test.hub.setRef(.named("x"), .branch, to: .at("nowhere"), in: repo, expected: .none, by: test.admin) }
                == .unknownRevision)
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("a withdrawn version stays readable and marked, and its name is never used again")
    func withdraw() async throws {
        let (test, repo, commits) = try await Self.hub()
        for (name, commit) in [("1.0.0", commits[0]), ("1.1.0", commits[1])] {
            test.clock.turn(seconds: 1)
            _ = try await test.hub.setRef(.named(name), .version, to: .commit(commit), in: repo, expected: .none, by: test.admin)
        }
        #expect(try test.hub.repo(repo, for: .anonymous).latestVersion?.text == "1.1.0")
        let count = try test.events().count
        try await test.hub.withdrawVersion(.named("1.1.0"), reason: "leaks training data", in: repo, by: test.admin)
        #expect(try test.actions(since: count) == ["version.withdrawn"])
        #expect(try test.events().last?.detail["reason"] == "leaks training data")
        let named = try test.hub.revision(.at("1.1.0"), of: repo, for: .anonymous)
        #expect(named.revision.commit == commits[1] && named.refs.first?.withdrawn == "leaks training data")
        #expect(try await test.files(of: "acme/whale", at: "1.1.0") == ["a": "2"])
        #expect(try test.hub.repo(repo, for: .anonymous).latestVersion?.text == "1.0.0")
        #expect(
            try await code { try await test.hub.setRef(.named("1.1.0"), .version, to: .main, in: repo, expected: .none, by: test.admin) }
                == .versionExists)
        #expect(try await code { try await test.hub.withdrawVersion(.main, reason: "", in: repo, by: test.admin) } == .unknownRevision)
        await test.close()
    }

    @Test("a revision is found by branch, version, alias, commit, HEAD and master")
    func specs() async throws {
        let (test, repo, commits) = try await Self.hub()
        _ = try await test.hub.setRef(.named("release/1.0"), .branch, to: .commit(commits[0]), in: repo, expected: .none, by: test.admin)
        for (text, commit) in [
            ("", commits[2]), ("HEAD", commits[2]), ("main", commits[2]), ("master", commits[2]), ("release/1.0", commits[0]),
            (commits[1].hex, commits[1])
        ] {
            #expect(try test.hub.revision(.at(text), of: repo, for: .anonymous).revision.commit == commit, "'\(text)'")
        }
        for text in ["Main", "release", "0123456789012345678901234567890123456789"] {
            #expect(try await code { try test.hub.revision(.at(text), of: repo, for: .anonymous) } == .unknownRevision)
        }
        let first = try test.hub.history(from: .main, of: repo, limit: 2, for: .anonymous)
        #expect(first.page.map(\.revision.commit) == [commits[2], commits[1]] && first.next == commits[0])
        await test.close()
    }
}
