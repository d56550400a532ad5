package import Core
import Synchronization

/// What hot reads found, kept while nothing in the hub changes: a request that came before is
/// answered without a question to the catalog. Holds names and numbers, never bytes.
package final class ReadMemory: Sendable {
    /// A file that one asker may read at one address.
    package struct Found: Sendable {
        package let digest: Digest
        package let file: FileAnswer
        /// The repo to count a download for; nil for a blob by digest.
        package let repo: Int64?
        package init(digest: Digest, file: FileAnswer, repo: Int64?) {
            self.digest = digest
            self.file = file
            self.repo = repo
        }
    }
    package struct Key: Hashable, Sendable {
        package let user: Int64?
        package let uri: String
        package init(user: Int64?, uri: String) {
            self.user = user
            self.uri = uri
        }
    }

    private struct State: Sendable {
        var changeCount: UInt64 = 0
        var found: [Key: Found] = [:]
    }
    private let state = Mutex(State())
    /// With the longest address at most 32 MiB; at their usual length a fifth of it.
    private static let most = 32_768
    private static let longestAddress = 512

    package init() {}

    /// What was found under the same state of the hub.
    package func recall(_ key: Key, at changeCount: UInt64) -> Found? {
        state.withLock { $0.changeCount == changeCount ? $0.found[key] : nil }
    }

    /// `changeCount` is the one read before the catalog was asked.
    package func keep(_ found: Found, for key: Key, at changeCount: UInt64) {
        guard key.uri.utf8.count <= Self.longestAddress else { return }
        state.withLock { state in
            if state.changeCount != changeCount || state.found.count >= Self.most {
                state.found.removeAll(keepingCapacity: true)
                state.changeCount = changeCount
            }
            state.found[key] = found
        }
    }
}
