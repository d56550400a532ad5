import Core
import Foundation
import Hub
import TestKit
import Testing
import XetFormat

@Suite("registering shards")
struct ShardTests {
    @Test("files become blobs that their sender may publish, over the bytes of xorbs")
    func register() async throws {
        let test = try await TestHub()
        let ada = try await test.user("ada")
        let (first, second) = (SampleXorb(seed: 1), SampleXorb(seed: 2))
        for xorb in [first, second] { try await test.send(xorb, by: ada) }
        let mixed = SampleFile([(second, 1..<4), (first, 0..<2), (first, 0..<2), (second, 4..<5)])
        let whole = SampleFile(first)
        let (files, events) = (try test.stored(), try test.events().count)
        #expect(try await test.register([mixed.shard, whole.shard], by: ada))
        #expect(try test.stored().subtracting(files).count == 1, "the whole xorb is stored already")
        #expect(try test.isRecipe(mixed.digest) && test.isWhole(whole.digest))
        #expect(try await test.read(mixed.digest) == mixed.bytes)
        #expect(try test.events().count == events, "no name has changed")

        try await test.publish([("m", mixed), ("w", whole)], to: "ada/whale", by: ada)
        let found = try test.hub.files(of: test.repo("ada/whale"), at: .main, for: .anonymous)
        #expect(found.files.map(\.digest) == [mixed.digest, whole.digest])
        #expect(try test.hub.xetHash(of: mixed.digest, size: 1) == mixed.shard.id.description)
        #expect(try await test.verify().isWhole)

        let rows = try test.rows()
        #expect(try await !test.register([mixed.shard, whole.shard], by: ada), "the same shard again")
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("progress grows to all bytes")
    func progress() async throws {
        let test = try await TestHub()
        let (a, b) = (SampleXorb(seed: 1, sizes: [131_072, 131_072, 131_072]), SampleXorb(seed: 2))
        for xorb in [a, b] { try await test.send(xorb, by: test.admin) }
        let files = [SampleFile([(a, 0..<3), (b, 0..<1)]), SampleFile([(b, 1..<3)]), SampleFile(b)]
        let shard = try await test.hub.checkShard(Pieces(ShardWriter.upload(files: files.map(\.shard), xorbs: []), of: 100), by: test.admin)
        let (told, sink) = AsyncStream<[Int64]>.makeStream()
        _ = try await test.hub.register(shard, by: test.admin) { sink.yield([$0, $1]) }
        sink.finish()
        var last: Int64 = 0
        let total = Int64(files.reduce(0) { $0 + $1.bytes.count })
        for await event in told {
            last = max(last, event[0])
            #expect(event[1] == total)
        }
        #expect(last == total)
        await test.close()
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: HubError.Code
        let change: @Sendable (inout ShardFile) -> Void
    }

    static let wrong = [
        Wrong(testDescription: "a xorb that nobody sent", code: .blobsMissing) { $0.terms[1].xorb = SampleXorb(seed: 9).hash },
        Wrong(testDescription: "another SHA-256", code: .digestMismatch) { $0.digest = TestHub.digest("else") },
        Wrong(testDescription: "another verification hash", code: .invalidRequest) { $0.verification[1] = $0.verification[0] },
        Wrong(testDescription: "another file id", code: .invalidRequest) { $0.id = SampleXorb(seed: 9).hash },
        Wrong(testDescription: "more bytes than the run has", code: .invalidRequest) { $0.terms[0].rawLength += 1 },
        Wrong(testDescription: "chunks that the xorb does not have", code: .invalidRequest) { $0.terms[1].chunks = 4..<6 },
        Wrong(testDescription: "the runs in another order", code: .invalidRequest) {
            $0.terms.swapAt(0, 1); $0.verification.swapAt(0, 1)
        },
        Wrong(testDescription: "no verification", code: .invalidRequest) { $0.verification = [] },
        Wrong(testDescription: "no SHA-256", code: .invalidRequest) { $0.digest = nil }
    ]

    @Test("a file that is not what it is said to be: nothing of the shard is published", arguments: wrong)
    func refused(_ wrong: Wrong) async throws {
        let test = try await TestHub()
        let xorb = SampleXorb(seed: 1)
        try await test.send(xorb, by: test.admin)
        let good = SampleFile([(xorb, 2..<3)])
        var file = SampleFile([(xorb, 0..<1), (xorb, 3..<5)]).shard
        wrong.change(&file)
        let (rows, files) = (try test.rows(), try test.stored())
        #expect(try await code { try await test.register([good.shard, file], by: test.admin) } == wrong.code)
        #expect(try test.rows() == rows)
        // The other file may have been proved by then; without a row it is nobody's, and goes.
        #expect(try test.stored().subtracting(files).allSatisfy { $0.hasSuffix(good.digest.hex) })
        test.clock.turn(days: 2)
        _ = try await test.collect(grace: 0)
        #expect(try test.stored() == files)
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("a shard that breaks off is refused", arguments: [0, 20, 48, 96, 400])
    func truncated(_ length: Int) async throws {
        let test = try await TestHub()
        let xorb = SampleXorb(seed: 1)
        try await test.send(xorb, by: test.admin)
        let bytes = ShardWriter.upload(files: [SampleFile([(xorb, 0..<2), (xorb, 3..<4)]).shard], xorbs: [])
        #expect(bytes.count > 400)
        let rows = try test.rows()
        #expect(try await code { try await test.hub.checkShard(Pieces(Array(bytes.prefix(length))), by: test.admin) } == .invalidRequest)
        #expect(try await code { try await test.hub.checkShard(Pieces(Array(bytes.dropLast())), by: test.admin) } == .invalidRequest)
        #expect(try test.rows() == rows)
        await test.close()
    }

    @Test("others' private bytes are as unknown as none, whoever has guessed their names")
    func strangers() async throws {
        let test = try await TestHub()
        let (ada, eve) = (try await test.user("ada"), try await test.user("eve"))
        let xorb = SampleXorb(seed: 1)
        let file = SampleFile([(xorb, 1..<3)])
        try await test.send(xorb, by: ada)
        try await test.register(file, by: ada)
        try await test.publish([("f", file)], to: "ada/secret", isPrivate: true, by: ada)
        let unknown = try #require(try await refusal { try await test.register(SampleFile([(SampleXorb(seed: 7), 1..<3)]), by: eve) })
        let refused = try #require(try await refusal { try await test.register(file, by: eve) })
        #expect(refused.code == .blobsMissing && unknown.code == .blobsMissing)
        #expect(refused.message.replacing("\(xorb.hash)", with: "") == unknown.message.replacing("\(SampleXorb(seed: 7).hash)", with: ""))
        #expect(try await code { try await test.publish([("f", file)], to: "eve/mine", by: eve) } == .blobsMissing)

        // What becomes public may be referred to, and nothing else of the xorb that it came in.
        let owner = try await test.user("ada", role: .admin)
        _ = try await test.hub.changeRepo(test.repo("ada/secret"), isPrivate: false, description: nil, expected: .none, by: owner)
        #expect(try await code { try await test.register(SampleFile([(xorb, 0..<2)]), by: eve) } == .blobsMissing)
        #expect(try await code { try await test.register(SampleFile(xorb), by: eve) } == .blobsMissing)
        #expect(try await test.hub.xorb(xorb.hash, for: eve) == nil)
        #expect(try await test.register(SampleFile([(xorb, 2..<3)]), by: eve))
        #expect(try await !test.register(file, by: eve), "known, and now hers to publish")
        try await test.publish([("f", file)], to: "eve/mine", by: eve)
        await test.close()
    }

    @Test("a xorb collected between the look and the rows is refused, not pointed at")
    func collectedMeanwhile() async throws {
        let test = try await TestHub()
        let xorb = SampleXorb(seed: 1)
        try await test.send(xorb, by: test.admin)
        let shard = try await test.hub.checkShard(
            Pieces(ShardWriter.upload(files: [SampleFile([(xorb, 0..<2)]).shard], xorbs: [])), by: test.admin)
        test.clock.turn(seconds: 1)
        _ = try await test.hub.collect(isDryRun: false, graceSeconds: 0, forgetUploads: true, by: test.admin)
        // Another xorb takes the number of the row.
        try await test.send(SampleXorb(seed: 2), by: test.admin)
        #expect(try await code { try await test.hub.register(shard, by: test.admin) } == .blobsMissing)
        #expect(try test.rows().count("xet_file") == 0)
        #expect(try await test.verify().isWhole)
        await test.close()
    }

    @Test("a row that has become another xorb's meanwhile is noticed before anything points at it")
    func rowTaken() async throws {
        let folder = try TestFolder()
        let catalog = folder.file("data/catalog.sqlite")
        let probe = Probe { step in
            guard step == .shardFilesStored else { return }
            do { try tamper(catalog, "UPDATE xorb SET hash = zeroblob(32)") } catch { Issue.record(error) }
        }
        let test = try await TestHub(in: folder, probe: probe)
        let xorb = SampleXorb(seed: 1)
        try await test.send(xorb, by: test.admin)
        #expect(try await code { try await test.register(SampleFile([(xorb, 0..<2)]), by: test.admin) } == .unavailable)
        #expect(try test.rows().count("xet_file") == 0)
        await test.close()
    }
}
