import Blobs
import Catalog
import Core
import Foundation
import Hub
import TestKit
import Testing
import XetFormat

@Suite("receiving xorbs")
struct XorbTests {
    @Test("the raw bytes become a blob, whatever the pieces they arrive in", arguments: [1, 7, 4096, 1 << 20])
    func pieces(_ size: Int) async throws {
        let test = try await TestHub()
        let xorb = SampleXorb(seed: size, sizes: [1, 5000, 131_072])
        #expect(try await test.hub.receiveXorb(xorb.hash, Pieces(xorb.serialised, of: size), by: test.admin))
        #expect(try await test.read(xorb.digest) == xorb.raw)
        let row = try #require(try test.hub.catalog.read { try $0.xorb(xorb.hash.bytes) })
        #expect(row.pack == xorb.digest && row.chunks == 3 && row.size == Int64(xorb.raw.count))
        #expect(try ChunkList.decode(try await test.read(row.list)) == xorb.list)
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("many mebibytes pass in blocks")
    func large() async throws {
        let test = try await TestHub()
        let xorb = SampleXorb(seed: 3, sizes: [Int](repeating: 131_072, count: 40))
        #expect(try await test.send(xorb, by: test.admin))
        #expect(try await test.read(xorb.digest) == xorb.raw)
        await test.close()
    }

    @Test("sent again it is known, and whoever sent it may refer to it")
    func again() async throws {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        let xorb = SampleXorb(seed: 1)
        #expect(try await test.send(xorb, by: ada))
        let (files, rows) = (try test.stored(), try test.rows())
        #expect(try await !test.send(xorb, by: ada))
        #expect(try test.stored() == files)
        #expect(try test.rows() == rows)
        #expect(try await test.hub.xorb(xorb.hash, for: ada) != nil)
        #expect(try await test.hub.xorb(xorb.hash, for: eve) == nil)
        #expect(try await test.hub.xorb(xorb.hash, for: test.admin) != nil, "site admins may see everything")
        #expect(try await !test.send(xorb, by: eve))
        #expect(try await test.hub.xorb(xorb.hash, for: eve)?.serialisedSize == Int64(xorb.serialised.count))
        #expect(try test.rows().tablesDifferent(from: rows) == ["xorb_sender"])
        await test.close()
    }

    @Test("a name alone buys nothing: known xorbs are proved as well")
    func proof() async throws {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        let (xorb, other) = (SampleXorb(seed: 1), SampleXorb(seed: 2))
        try await test.send(xorb, by: ada)
        let rows = try test.rows()
        #expect(try await code { try await test.hub.receiveXorb(xorb.hash, Pieces(other.serialised), by: eve) } == .digestMismatch)
        #expect(try await code { try await test.hub.receiveXorb(xorb.hash, Pieces([]), by: eve) } == .invalidRequest)
        #expect(try test.rows() == rows)
        #expect(try await test.hub.xorb(xorb.hash, for: eve) == nil)
        await test.close()
    }

    /// LZ4 of 64 times `ab`, whose header may state less.
    static func lz4(stating raw: UInt8) -> [UInt8] {
        [0, 0x1c, 0, 0, 1, raw, 0, 0, 4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0x0d, 0, 0, 0, 0x2f, 0x61, 0x62, 2, 0, 0x65, 0x60, 0x61, 0x62, 0x61]
            + [0x62, 0x61, 0x62, 0, 0, 0, 0]
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: [UInt8]
        let code: HubError.Code
    }

    static let good = SampleXorb(seed: 5, sizes: [9000, 400_000 / 4])
    static let wrong = [
        Wrong(testDescription: "of another root", body: SampleXorb(seed: 6).serialised, code: .digestMismatch),
        Wrong(testDescription: "cut off in a chunk", body: good.serialised.dropLast(1), code: .invalidRequest),
        Wrong(testDescription: "cut off in a header", body: Array(good.serialised.prefix(9012)), code: .invalidRequest),
        Wrong(testDescription: "cut off between chunks", body: Array(good.serialised.prefix(9008)), code: .digestMismatch),
        Wrong(testDescription: "with bytes left over", body: good.serialised + [0], code: .invalidRequest),
        Wrong(testDescription: "with a chunk too long", body: [0, 1, 0, 2, 0, 1, 0, 2] + [UInt8](repeating: 7, count: 131_073), code: .tooLarge),
        Wrong(testDescription: "with a chunk that swells beyond its header", body: lz4(stating: 64), code: .invalidRequest),
        Wrong(testDescription: "with a chunk shorter than its header says", body: lz4(stating: 129), code: .invalidRequest),
        Wrong(testDescription: "of nothing", body: [], code: .invalidRequest)
    ]

    @Test("what is not the xorb it is said to be leaves no trace", arguments: wrong)
    func refused(_ wrong: Wrong) async throws {
        let test = try await TestHub()
        let (files, rows) = (try test.stored(), try test.rows())
        #expect(try await code { try await test.hub.receiveXorb(Self.good.hash, Pieces(wrong.body), by: test.admin) } == wrong.code)
        #expect(try test.stored() == files)
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("compressed chunks are stored as they were")
    func compressed() async throws {
        let test = try await TestHub()
        let raw = [UInt8]((0..<64).flatMap { _ in Array("ab".utf8) })
        let hash = try XetHash(parsing: "5d126c838684b83bf392097f1758e30b80242a860373df5c18a9fb344e8a2d41")
        #expect(try await test.hub.receiveXorb(hash, Pieces(Self.lz4(stating: 128)), by: test.admin))
        #expect(try await test.read(SampleXorb([raw]).digest) == raw)
        await test.close()
    }

    @Test("sending needs a token that writes")
    func permission() async throws {
        let test = try await TestHub()
        let reader = try await test.user("rita", role: .reader)
        let xorb = SampleXorb(seed: 1)
        #expect(try await code { try await test.send(xorb, by: .anonymous) } == .unauthenticated)
        #expect(try await code { try await test.send(xorb, by: reader) } == .notPermitted)
        #expect(try await code { try await test.register(SampleFile(xorb), by: reader) } == .notPermitted)
        #expect(try test.rows().count("xorb") == 0)
        await test.close()
    }

    @Test("a xorb whose bytes were lost is asked for again, and sending it heals it")
    func healed() async throws {
        let test = try await TestHub()
        let xorb = SampleXorb(seed: 1)
        let file = SampleFile([(xorb, 1..<3)])
        try await test.send(xorb, by: test.admin)
        try await test.register(file, by: test.admin)
        #expect(try await test.hub.blobs.quarantine(xorb.digest))
        #expect(try await test.hub.xorb(xorb.hash, for: test.admin) == nil)
        #expect(try await code { try await test.register(SampleFile(xorb), by: test.admin) } == .blobsMissing)
        try await test.publish(["a": "b"], to: "acme/whale")
        let before = try await test.hub.xetToken(.read, for: test.repo("acme/whale"), at: .main, by: test.admin).store
        #expect(try await !test.verify().missing.isEmpty)
        let after = try await test.hub.xetToken(.read, for: test.repo("acme/whale"), at: .main, by: test.admin).store
        #expect(before != after, "clients must not go on referring to it")
        #expect(try await !test.send(xorb, by: test.admin))
        #expect(try await !test.register(file, by: test.admin), "known, but its bytes were put aside too")
        #expect(try await test.read(file.digest) == file.bytes)
        #expect(try await test.verify().isWhole)
        await test.close()
    }
}
