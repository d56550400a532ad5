import Blobs
import Core
import Foundation
import Hashing
import Testing

@Suite struct UploadTests {
    let folder: Folder
    let content = bytes(3_500_000)
    let plan = PartPlan(size: 3_500_000, partSize: 1_000_000)
    var digest: Digest { Digest(of: content) }
    init() throws { folder = try Folder() }

    func part(_ number: Int) -> [UInt8] {
        let range = plan.range(number)!
        return Array(content[Int(range.lower)..<Int(range.upper)])
    }
    func begin(_ store: DiskBlobStore, owner: Int64 = 1, now: Instant = noon) async throws -> UploadFacts {
        try await store.beginUpload(digest: digest, size: plan.size, partSize: plan.partSize, owner: owner, now: now)
    }
    func send(_ store: DiskBlobStore, _ id: UploadID, _ number: Int, _ bytes: [UInt8]? = nil, now: Instant = noon) async throws {
        try await store.writePart(id, number: number, body: Body(bytes ?? part(number)), expected: nil, owner: 1, now: now)
    }

    @Test("parts in any order and at once, continued after a restart, become the blob")
    func acrossRestart() async throws {
        var store: DiskBlobStore? = try folder.store()
        let begun = try await begin(store!)
        #expect(begun.received == [])
        #expect(begun.partCount == 4)
        try await send(store!, begun.id, 3)
        try await send(store!, begun.id, 0)
        // The folder may be opened again when the last of the store's work has ended.
        store = nil
        let second = try await reopened()
        let found = try await begin(second)
        #expect(found.id == begun.id)
        #expect(found.received == [0, 3])
        async let one: Void = send(second, begun.id, 1)
        async let two: Void = send(second, begun.id, 2)
        _ = try await (one, two)
        let written = try await second.completeUpload(begun.id, owner: 1, now: noon)
        #expect(written.digest == digest)
        #expect(written.wasNew)
        #expect(try written.gitID == (await second.gitBlobID(of: digest)))
        #expect(try await second.read(digest) == content)
        #expect(try folder.files() == ["blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"])
        #expect(await code { _ = try await second.upload(begun.id, owner: 1, now: noon) } == .unknownUpload)
    }

    func reopened() async throws -> DiskBlobStore {
        for _ in 0..<200 {
            if let store = try? folder.store() { return store }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try folder.store()
    }

    @Test("a part of the wrong length does not count, nor one of the wrong digest")
    func wrongPart() async throws {
        let store = try folder.store()
        let id = try await begin(store).id
        #expect(await code { try await send(store, id, 0, bytes(999_999)) } == .sizeMismatch)
        #expect(await code { try await send(store, id, 3, bytes(500_001)) } == .sizeMismatch)
        #expect(await code { try await send(store, id, 4, bytes(1)) } == .invalidRequest)
        #expect(await code { try await send(store, id, -1, bytes(1)) } == .invalidRequest)
        #expect(
            await code {
                try await store.writePart(id, number: 1, body: Body(part(1)), expected: Digest(of: "x"), owner: 1, now: noon)
            } == .digestMismatch)
        try await store.writePart(id, number: 2, body: Body(part(2)), expected: Digest(of: part(2)), owner: 1, now: noon)
        #expect(try await store.upload(id, owner: 1, now: noon).received == [2])
    }

    @Test("an upload that is not all there says which parts are missing, and stays")
    func incomplete() async throws {
        let store = try folder.store()
        let id = try await begin(store).id
        try await send(store, id, 1)
        do {
            _ = try await store.completeUpload(id, owner: 1, now: noon)
            Issue.record("completed with parts missing")
        } catch let error as HubError {
            #expect(error.code == .sizeMismatch)
            #expect(error.details["missing"] == "0,2,3")
        }
        for number in [0, 2, 3] { try await send(store, id, number) }
        #expect(try await store.completeUpload(id, owner: 1, now: noon).digest == digest)
    }

    @Test("bytes of another digest: the upload is forgotten, without a trace")
    func wrongDigest() async throws {
        let store = try folder.store()
        let id = try await begin(store).id
        for number in 0..<3 { try await send(store, id, number) }
        try await send(store, id, 3, bytes(500_000, seed: 9))
        #expect(await code { _ = try await store.completeUpload(id, owner: 1, now: noon) } == .digestMismatch)
        #expect(try folder.files() == [])
        #expect(try folder.names(folder.layout.uploads) == [])
    }

    @Test("a part sent again replaces the first, also after it was hashed")
    func resent() async throws {
        let store = try folder.store()
        let id = try await begin(store).id
        try await send(store, id, 0, bytes(1_000_000, seed: 9))
        for number in 1..<4 { try await send(store, id, number) }
        try await Task.sleep(for: .milliseconds(100))
        try await send(store, id, 0)
        #expect(try await store.completeUpload(id, owner: 1, now: noon).digest == digest)
    }

    @Test("a part whose second sending broke off does not count, not even after a restart")
    func torn() async throws {
        var store: DiskBlobStore? = try folder.store()
        let id = try await begin(store!).id
        try await send(store!, id, 0)
        try await send(store!, id, 1)
        let torn = Body(Array(part(0)[..<600_000]), end: .broken)
        await #expect(throws: Body.BrokenOff.self) {
            try await store!.writePart(id, number: 0, body: torn, expected: nil, owner: 1, now: noon)
        }
        #expect(try await store!.upload(id, owner: 1, now: noon).received == [1])
        store = nil
        let second = try await reopened()
        #expect(try await second.upload(id, owner: 1, now: noon).received == [1])
    }

    @Test("a part whose sender stalls is taken over by a later sender, and cannot change it afterwards")
    func superseded() async throws {
        let store = try folder.store()
        let id = try await begin(store).id
        let (gate, begun) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let body = Held(
            begun: begun.continuation, first: Body(bytes(600_000, seed: 9)).chunks, gate: gate.stream,
            then: Body(bytes(400_000, seed: 9)).chunks)
        let stale = Task { try await store.writePart(id, number: 0, body: body, expected: nil, owner: 1, now: noon) }
        for await _ in begun.stream {}
        for number in 0..<4 { try await send(store, id, number) }
        gate.continuation.finish()
        #expect(await code { try await stale.value } == .unavailable)
        #expect(try await store.completeUpload(id, owner: 1, now: noon).digest == digest)
        #expect(try await store.read(digest) == content)
    }

    @Test("another owner's upload looks like none")
    func otherOwner() async throws {
        let store = try folder.store()
        let mine = try await begin(store).id
        #expect(try await begin(store, owner: 2).id != mine)
        #expect(await code { _ = try await store.upload(mine, owner: 2, now: noon) } == .unknownUpload)
        #expect(await code { try await store.writePart(mine, number: 0, body: Body(part(0)), expected: nil, owner: 2, now: noon) } == .unknownUpload)
        #expect(await code { _ = try await store.completeUpload(mine, owner: 2, now: noon) } == .unknownUpload)
        #expect(await code { try await store.abortUpload(mine, owner: 2, now: noon) } == .unknownUpload)
    }

    @Test("an upload is forgotten when it was idle for seven days, not before")
    func expiry() async throws {
        let store = try folder.store()
        let begun = try await begin(store)
        let week: Int64 = 7 * 86_400
        #expect(begun.expires == noon.adding(seconds: week))
        try await send(store, begun.id, 0, now: noon.adding(seconds: week - 1))
        #expect(try await store.upload(begun.id, owner: 1, now: noon.adding(seconds: week + 5)).received == [0])
        #expect(try await store.expireUploads(now: noon.adding(seconds: 2 * week - 2)) == 0)
        let late = noon.adding(seconds: 2 * week - 1)
        #expect(await code { _ = try await store.upload(begun.id, owner: 1, now: late) } == .unknownUpload)
        #expect(try await store.expireUploads(now: late) == 1)
        #expect(try folder.names(folder.layout.uploads) == [])
        #expect(try await begin(store, now: late).received == [])
    }

    @Test("ended at its owner's wish, it leaves no trace")
    func abort() async throws {
        let store = try folder.store()
        let id = try await begin(store).id
        try await send(store, id, 0)
        try await store.abortUpload(id, owner: 1, now: noon)
        #expect(try folder.names(folder.layout.uploads) == [])
        #expect(await code { try await send(store, id, 1) } == .unknownUpload)
    }

    @Test("an empty upload is an empty blob")
    func empty() async throws {
        let store = try folder.store()
        let begun = try await store.beginUpload(digest: Digest(of: ""), size: 0, partSize: nil, owner: 1, now: noon)
        #expect(try await store.completeUpload(begun.id, owner: 1, now: noon).size == 0)
    }

    static let mebibyte: Int64 = 1 << 20
    static let sizes: [(size: Int64, partSize: Int64)] = [
        (0, 32 * mebibyte), (1024 * mebibyte, 32 * mebibyte), (320_000 * mebibyte, 32 * mebibyte),
        (320_000 * mebibyte + 1, 33 * mebibyte), (5 << 40, 525 * mebibyte)
    ]

    @Test("parts are 32 MiB, or larger so that there are at most 10,000", arguments: sizes)
    func partSizes(_ size: Int64, _ expected: Int64) {
        #expect(UploadMeta.defaultPartSize(size) == expected)
        #expect(PartPlan(size: size, partSize: expected).count <= 10_000)
    }

    @Test("an upload of impossible sizes is refused", arguments: [(Int64(10_001), Int64(1)), (-1, 5), (5, 0), (5, -1)])
    func impossible(_ size: Int64, _ partSize: Int64) async throws {
        let store = try folder.store()
        #expect(
            await code { _ = try await store.beginUpload(digest: digest, size: size, partSize: partSize, owner: 1, now: noon) } == .invalidRequest)
        #expect(try folder.files() == [])
    }
}
