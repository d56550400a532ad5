package import Core
import Hashing
package import NIOCore

extension Hub {
    /// Stores small contents that have no names yet; they become durable together. The caller bounds
    /// a batch, say to 256 of them and 16 MiB.
    package func store(_ contents: [ByteBuffer], by who: Principal) async throws -> [ReceivedBlob] {
        guard !contents.isEmpty else { return [] }
        let hasher = StreamHasher()
        return try await receive(
            contents.map { content in
                content.withUnsafeReadableBytes { hasher.update($0) }
                return (expected: Digest(bytes: hasher.finish()), bytes: content)
            }, by: who)
    }
}
