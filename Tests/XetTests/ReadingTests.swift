import Blobs
import Core
import Foundation
import Hub
import TestKit
import Testing
import XetFormat

@Suite("reading over Xet")
struct ReadingTests {
    /// A hub with a file of several runs that came by Xet, and the same bytes under an id by which they
    /// are served as if they had come by another door.
    static func filled() async throws -> (TestHub, SampleFile) {
        let test = try await TestHub()
        let (a, b) = (SampleXorb(seed: 1), SampleXorb(seed: 2))
        for xorb in [a, b] { try await test.send(xorb, by: test.admin) }
        let file = SampleFile([(a, 0..<3), (b, 2..<5), (a, 0..<1), (a, 4..<5)])
        try await test.register(file, by: test.admin)
        try await test.publish([("f", file)], to: "acme/whale", by: test.admin)
        return (test, file)
    }

    static let ends: [(Int, Int)] = [
        (0, 1), (0, 9000), (8999, 9001), (9000, 79_000), (79_001, 300_000), (210_072, 210_073), (210_000, 400_000), (5, .max)
    ]

    @Test("every range of a file is what its plan leads to, by its own id and by its SHA-256", arguments: [true, false])
    func ranges(genuine: Bool) async throws {
        let (test, file) = try await Self.filled()
        let id = genuine ? file.shard.id : XetHash(file.digest)
        let found = try test.hub.xetFile(id, for: .anonymous)
        #expect(found.size == Int64(file.bytes.count))
        #expect(try await test.follow(test.hub.plan(found, nil), limit: .max) == file.bytes)
        for (lower, end) in Self.ends {
            let upper = min(end, file.bytes.count)
            let plan = try await test.hub.plan(found, ByteRange(Int64(lower), Int64(end)))
            #expect(try await test.follow(plan, limit: upper - lower) == Array(file.bytes[lower..<upper]), "\(lower) to \(upper)")
            #expect(plan.offsetIntoFirstRange < 131_072)
        }
        let behind = Int64(file.bytes.count)
        #expect(try await code { try await test.hub.plan(found, ByteRange(behind, behind + 1)) } == .rangeNotSatisfiable)
        await test.close()
    }

    @Test("a file larger than a xorb is read in several, by arithmetic alone")
    func virtual() async throws {
        let test = try await TestHub()
        let size = Int(VirtualFile.rawXorb) + 200_000
        var bytes = [UInt8](repeating: 0, count: size)
        var chance = Chance(1)
        for at in stride(from: 0, to: size, by: 977) { bytes[at] = UInt8.random(in: 0...255, using: &chance) }
        let digest = try await test.send(bytes, by: test.admin)
        let file = try test.hub.xetFile(XetHash(digest), for: test.admin)
        let start = Int(VirtualFile.rawXorb) - 70_000
        let plan = try await test.hub.plan(file, ByteRange(Int64(start), Int64(start + 200_000)))
        #expect(plan.xorbs.count == 2)
        #expect(try await test.follow(plan, limit: 200_000) == Array(bytes[start..<start + 200_000]))
        let last = try await test.hub.plan(file, ByteRange(Int64(size - 5), Int64(size)))
        #expect(last.xorbs.count == 1)
        #expect(try await test.follow(last, limit: 5) == Array(bytes.suffix(5)))
        let id = VirtualFile(digest: digest, size: Int64(size)).id(ofXorb: 0)
        #expect(try await test.hub.xorb(id, for: test.admin) == nil, "nobody may refer to what was never sent")
        await test.close()
    }

    @Test("ids: the genuine one where there is one, else the SHA-256; none for no bytes")
    func ids() async throws {
        let (test, file) = try await Self.filled()
        try await test.publish(["a.txt": "plain"], to: "acme/plain")
        #expect(try test.hub.xetHash(of: file.digest, size: Int64(file.bytes.count)) == "\(file.shard.id)")
        #expect(try test.hub.xetHash(of: TestHub.digest("plain"), size: 5) == TestHub.digest("plain").hex)
        #expect(try test.hub.xetHash(of: TestHub.digest(""), size: 0) == nil)
        await test.close()
    }

    @Test("whoever may not read a file does not learn that it is there, by neither id")
    func strangers() async throws {
        let (test, file) = try await Self.filled()
        let eve = try await test.user("eve")
        _ = try await test.hub.changeRepo(test.repo("acme/whale"), isPrivate: true, description: nil, expected: .none, by: test.admin)
        let unknown = SampleXorb(seed: 8).hash
        for who in [eve, .anonymous] {
            for id in [file.shard.id, XetHash(file.digest)] {
                let refused = try #require(try await refusal { try test.hub.xetFile(id, for: who) })
                let absent = try #require(try await refusal { try test.hub.xetFile(unknown, for: who) })
                #expect(refused.code == .unknownFile)
                #expect(refused.message.replacing("\(id)", with: "") == absent.message.replacing("\(unknown)", with: ""))
            }
        }
        #expect(try test.hub.xetFile(file.shard.id, for: test.admin).size == Int64(file.bytes.count))
        await test.close()
    }

    @Test("an address for bytes ends after an hour, and cannot be altered or used for something else")
    func capabilities() async throws {
        let (test, file) = try await Self.filled()
        let plan = try await test.hub.plan(try test.hub.xetFile(file.shard.id, for: .anonymous), nil)
        let text = try #require(plan.xorbs.first?.spans.first?.capability)
        #expect(try await test.hub.openXorbRange(text).allowed.count > 0)
        #expect(try await code { try await test.hub.openXorbRange(text + "00") } == .unauthenticated)
        #expect(try await code { try await test.hub.openXorbRange(String(text.dropLast(2)) + "ff") } == .unauthenticated)
        let token = try await test.hub.xetToken(.write, for: test.repo("acme/whale"), at: .main, by: test.admin).text
        #expect(try await code { try await test.hub.openXorbRange(token) } == .unauthenticated)
        #expect(try await code { try await test.hub.xetHolder(text, as: .read) } == .unauthenticated)
        test.clock.turn(seconds: 3600)
        #expect(try await code { try await test.hub.openXorbRange(text) } == .tokenExpired)
        await test.close()
    }
}
