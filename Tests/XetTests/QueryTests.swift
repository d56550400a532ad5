import Catalog
import Core
import Foundation
import Hub
import TestKit
import Testing
import XetFormat

@Suite("asking for chunks and tokens")
struct QueryTests {
    static func answer(_ bytes: [UInt8]?) throws -> ShardXorb? {
        guard let bytes else { return nil }
        var rules = ShardReader.Rules()
        rules.keepsXorbs = true
        var reader = ShardReader(rules: rules)
        let parts = try bytes.withUnsafeBytes { try reader.consume($0) }
        try reader.finish()
        guard case .xorb(let xorb) = parts.first, parts.count == 1 else { return nil }
        return xorb
    }

    @Test("the first chunk of a file leads to its xorb, those in the middle to nothing")
    func first() async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada")
        let xorb = SampleXorb(seed: 1)
        try await test.send(xorb, by: ada)
        #expect(try await test.hub.shard(ofChunk: xorb.list[1].hash, for: ada) == nil, "no file begins there yet")
        try await test.register(SampleFile([(xorb, 1..<3)]), by: ada)
        let found = try #require(try Self.answer(await test.hub.shard(ofChunk: xorb.list[1].hash, for: ada)))
        #expect(found.hash == xorb.hash && found.chunks == xorb.list)
        #expect(try await test.hub.shard(ofChunk: xorb.list[2].hash, for: ada) == nil)
        await test.close()
    }

    @Test("one chunk in a thousand may be asked for by its name")
    func queryable() async throws {
        let test = try await TestHub()
        // One byte and a counter, until a name is divisible by 1,024.
        let lucky = try #require(
            (0..<100_000).lazy.map { [UInt8(1)] + withUnsafeBytes(of: UInt32($0)) { Array($0) } }.first { XetHash.ofChunk($0).isQueryable })
        let xorb = SampleXorb([[1, 2, 3], lucky, [4, 5]])
        try await test.send(xorb, by: test.admin)
        #expect(try Self.answer(await test.hub.shard(ofChunk: xorb.list[1].hash, for: test.admin))?.chunks == xorb.list)
        #expect(try test.rows().count("xet_chunk") == 1)
        await test.close()
    }

    @Test("strangers are told of chunks they can read, and of the names of no others")
    func strangers() async throws {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        let xorb = SampleXorb(seed: 1)
        let file = SampleFile([(xorb, 1..<3)])
        let other = SampleFile([(xorb, 3..<5)])
        try await test.send(xorb, by: ada)
        try await test.register([file.shard, other.shard], by: ada)
        let first = xorb.list[1].hash
        #expect(try await test.hub.shard(ofChunk: first, for: eve) == nil)
        try await test.publish([("f", file)], to: "ada/whale", by: ada)
        let found = try #require(try Self.answer(await test.hub.shard(ofChunk: first, for: eve)))
        #expect(found.hash == xorb.hash && found.chunks.map(\.length) == xorb.list.map(\.length))
        #expect(Array(found.chunks[1..<3]) == Array(xorb.list[1..<3]))
        for place in [0, 3, 4] { #expect(found.chunks[place].hash != xorb.list[place].hash) }
        #expect(try await test.hub.shard(ofChunk: xorb.list[3].hash, for: eve) == nil)
        #expect(try await test.hub.shard(ofChunk: first, for: .anonymous) != nil)
        await test.close()
    }

    @Test("the same chunk in a stranger's xorb does not hide one's own")
    func same() async throws {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        let chunk = SampleXorb(seed: 4).chunks[0]
        for (who, rest) in [(eve, 1), (ada, 2)] {
            let xorb = SampleXorb([chunk, [UInt8(rest)]])
            try await test.send(xorb, by: who)
            try await test.register(SampleFile(xorb), by: who)
        }
        for (who, rest) in [(eve, 1), (ada, 2)] {
            let found = try Self.answer(await test.hub.shard(ofChunk: XetHash.ofChunk(chunk), for: who))
            #expect(found?.hash == SampleXorb([chunk, [UInt8(rest)]]).hash)
        }
        await test.close()
    }

    @Test("tokens follow the rules of the repo, and last six hours")
    func tokens() async throws {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        _ = try await test.hub.createRepo(test.repo("ada/open"), isPrivate: false, description: "", by: ada)
        _ = try await test.hub.createRepo(test.repo("ada/closed"), isPrivate: true, description: "", by: ada)
        func ask(_ scope: XetScope, _ repo: String, _ revision: String = "main", by who: Principal) async throws -> HubError.Code? {
            try await code { try await test.hub.xetToken(scope, for: test.repo(repo), at: RevisionSpec(parsing: revision), by: who) }
        }
        #expect(try await ask(.read, "ada/open", by: .anonymous) == nil, "nothing published yet, and yet it is there")
        #expect(try await ask(.read, "ada/open", "v1", by: ada) == .unknownRevision)
        #expect(try await ask(.write, "ada/open", "v1", by: ada) == nil, "it may be about to be made")
        #expect(try await ask(.write, "ada/open", by: eve) == .notPermitted)
        #expect(try await ask(.write, "ada/open", by: .anonymous) == .unauthenticated)
        #expect(try await ask(.read, "ada/closed", by: eve) == .unknownRepo)
        #expect(try await ask(.read, "ada/none", by: eve) == .unknownRepo)
        #expect(try await ask(.read, "ada/closed", by: ada) == nil)

        let read = try await test.hub.xetToken(.read, for: test.repo("ada/open"), at: .main, by: ada)
        let write = try await test.hub.xetToken(.write, for: test.repo("ada/open"), at: .main, by: ada)
        #expect(read.store == write.store && read.expires == test.clock.now.adding(seconds: 21_600))
        #expect(try await test.hub.xetToken(.read, for: test.repo("ada/open"), at: .main, by: eve).store != read.store)
        #expect(try test.hub.isXetStore(read.store) && !test.hub.isXetStore("0123456789abcdef-1-00000000") && !test.hub.isXetStore(""))
        #expect(try await test.hub.xetHolder(write.text, as: .write) == ada)
        #expect(try await test.hub.xetHolder(write.text, as: .read) == ada)
        #expect(try await code { try await test.hub.xetHolder(read.text, as: .write) } == .notPermitted)
        #expect(try await code { try await test.hub.xetHolder(nil, as: .read) } == .unauthenticated)
        #expect(try await code { try await test.hub.xetHolder(TestHub.adminSecret, as: .read) } == .unauthenticated)
        test.clock.turn(seconds: 21_599)
        #expect(try await test.hub.xetHolder(read.text, as: .read) == ada)
        test.clock.turn(seconds: 1)
        #expect(try await code { try await test.hub.xetHolder(read.text, as: .read) } == .tokenExpired)
        await test.close()
    }
}
