import Blobs
import Core
import Foundation
import Hashing
import NIOCore
import Synchronization
import Testing

/// Stops after every numbered step, by keeping a copy of the data root as it was then, and opens
/// what is left.
@Suite struct CrashTests {
    final class Stops: Sendable {
        private let copies = Mutex<[(Checkpoint, Folder)]>([])
        var all: [(Checkpoint, Folder)] { copies.withLock { $0 } }

        func probe(_ folder: Folder) -> Probe {
            Probe { step in
                do {
                    let copy = try Folder()
                    try FileManager.default.copyItem(atPath: folder.root, toPath: copy.root)
                    self.copies.withLock { $0.append((step, copy)) }
                } catch {
                    Issue.record(error)
                }
            }
        }
    }

    let folder: Folder
    let stops = Stops()
    init() throws { folder = try Folder() }

    /// Opens each copy; checks that no half blob is visible and nothing half received is left.
    func reopen(_ steps: [Checkpoint], _ check: (Checkpoint, DiskBlobStore, Folder) async throws -> Void) async throws {
        #expect(stops.all.map(\.0) == steps)
        for (step, copy) in stops.all {
            let store = try copy.store()
            #expect(try copy.names(copy.layout.incoming) == [])
            try await store.forEachBlob { (digest, _, _) async throws in
                #expect(try await store.verify(digest, bytesPerSecond: nil) == .whole, "after \(step.rawValue)")
            }
            try await check(step, store, copy)
        }
    }

    static let ingest: [Checkpoint] = [.ingestCreated, .ingestCompared, .ingestSynced, .ingestRenamed, .ingestDirectorySynced]

    @Test("a write stopped after any step: the blob is whole or not there, and can be sent again", arguments: [500, 2_500_000])
    func write(_ size: Int) async throws {
        let store = try folder.store(probe: stops.probe(folder))
        let content = bytes(size)
        let digest = try await store.write(Body(content), expected: nil, size: nil).digest
        try await reopen(Self.ingest) { (step, store, _) async throws in
            let isNamed = step == .ingestRenamed || step == .ingestDirectorySynced
            #expect(try store.size(of: digest) == (isNamed ? Int64(size) : nil))
            #expect(try await store.write(Body(content), expected: digest, size: nil).wasNew == !isNamed)
            #expect(try await store.read(digest) == content)
        }
    }

    @Test("a recipe stopped after any step is whole or not there")
    func recipe() async throws {
        let source = try await folder.store().write(bytes(1_000)).digest
        let store = try folder.store(probe: stops.probe(folder))
        let content = Array(bytes(1_000)[10..<20])
        let digest = try await store.writeRecipe([Extent(digest: source, offset: 10, count: 10)], expected: Digest(of: content)).digest
        try await reopen(Self.ingest) { (step, store, _) async throws in
            let isNamed = step == .ingestRenamed || step == .ingestDirectorySynced
            #expect(try store.size(of: digest) == (isNamed ? 10 : nil))
            if isNamed { #expect(try await store.read(digest) == content) }
        }
    }

    @Test("a batch stopped after any step: none or all of it", arguments: [3, 30])
    func batch(_ count: Int) async throws {
        let store = try folder.store(probe: stops.probe(folder))
        let items = (0..<count).map { i in BatchItem(expected: Digest(of: [UInt8(i)]), bytes: ByteBuffer(bytes: [UInt8(i)])) }
        _ = try await store.writeBatch(items)
        try await reopen([.batchWritten, .batchSynced, .batchRenamed, .batchDirectoriesSynced]) { (step, store, _) async throws in
            let isNamed = step == .batchRenamed || step == .batchDirectoriesSynced
            #expect(try await store.missing(from: items.map(\.expected)).count == (isNamed ? 0 : count))
        }
    }

    @Test("an upload stopped after any step goes on from what was answered")
    func upload() async throws {
        let store = try folder.store(probe: stops.probe(folder))
        let content = bytes(250)
        let begun = try await store.beginUpload(digest: Digest(of: content), size: 250, partSize: 100, owner: 1, now: noon)
        for part in 0..<3 {
            let range = PartPlan(size: 250, partSize: 100).range(part)!
            try await store.writePart(
                begun.id, number: part, body: Body(Array(content[Int(range.lower)..<Int(range.upper)])), expected: nil, owner: 1, now: noon)
        }
        #expect(try await store.completeUpload(begun.id, owner: 1, now: noon).wasNew)
        let part: [Checkpoint] = [.partWritten, .partSynced, .partMarked]
        try await reopen(part + part + part + [.uploadCompared, .uploadRenamed, .uploadForgotten]) { (step, store, copy) async throws in
            if step == .uploadRenamed {
                // The answer was lost: asking once more gives it.
                #expect(try await store.completeUpload(begun.id, owner: 1, now: noon).digest == begun.digest)
            } else {
                let again = try await store.beginUpload(digest: begun.digest, size: 250, partSize: 100, owner: 1, now: noon)
                for number in 0..<3 where !again.received.contains(number) {
                    let range = PartPlan(size: 250, partSize: 100).range(number)!
                    try await store.writePart(
                        again.id, number: number, body: Body(Array(content[Int(range.lower)..<Int(range.upper)])), expected: nil, owner: 1, now: noon)
                }
                _ = try await store.completeUpload(again.id, owner: 1, now: noon)
            }
            #expect(try await store.read(begun.digest) == content)
            #expect(try copy.names(copy.layout.uploads) == [])
        }
    }
}
