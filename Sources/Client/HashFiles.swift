package import Core
import Foundation
import Hashing

/// A local file with its digest.
package struct HashedFile: Hashable, Sendable {
    package let file: LocalFile
    package let digest: Digest
    package var size: Int64 { file.stamp.size }
    package var path: FilePath { file.path }
}

/// Reads files and names their bytes, as many at once as there are cores.
package enum HashFiles {
    /// Bytes read at a time.
    static let block = 1 << 20

    /// Throws where a file changes while it is read.
    package static func hash(_ files: [LocalFile], progress: ProgressMeter) async throws -> [HashedFile] {
        progress.begin(.hashing, total: files.reduce(0) { $0 + $1.stamp.size })
        let crew = crew(for: files.count)
        let digests = try await map(files) { file in
            try await crew.run { _ in
                let open = try file.stamp.open()
                let digest = try digest(of: open, progress: progress)
                try file.stamp.check(open)
                return digest
            }
        }
        return zip(files, digests).map { HashedFile(file: $0, digest: $1) }
    }

    static func crew(for count: Int) -> Crew {
        Crew(count: min(max(count, 1), ProcessInfo.processInfo.activeProcessorCount), name: "hash")
    }

    /// The results in the order of the items; as many run at once as a crew has threads for, and
    /// one more, so that none waits.
    static func map<Item: Sendable, Result: Sendable>(
        _ items: [Item], _ work: @escaping @Sendable (Item) async throws -> Result
    ) async throws -> [Result] {
        let limit = ProcessInfo.processInfo.activeProcessorCount + 1
        return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            var results: [Result?] = Array(repeating: nil, count: items.count)
            var next = 0
            while next < min(limit, items.count) {
                let index = next
                group.addTask { (index, try await work(items[index])) }
                next += 1
            }
            while let (index, result) = try await group.next() {
                results[index] = result
                guard next < items.count else { continue }
                let index = next
                group.addTask { (index, try await work(items[index])) }
                next += 1
            }
            return results.compactMap { $0 }
        }
    }

    /// The digest of all that an open file holds, in constant memory. Blocks.
    static func digest(of file: OpenFile, progress: ProgressMeter? = nil) throws(HubError) -> Digest {
        let hasher = StreamHasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: block, alignment: 16)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while true {
            let count = try file.read(into: buffer, at: offset)
            if count == 0 { return Digest(bytes: hasher.finish()) }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
            progress?.add(Int64(count))
        }
    }
}
