package import Core
import FoundationEssentials

/// A `model.safetensors.index.json`: which shard holds which tensor.
package struct SafetensorsIndex: Hashable, Sendable {
    /// The longest index that is read: 16 MiB.
    package static let longest = 16 << 20

    /// Names of the shards, next to the index, each once, in order.
    package let shards: [FilePath]
    package let tensorCount: Int
    /// Bytes of all tensors, where the index says.
    package let totalSize: Int64?

    package init(parsing bytes: [UInt8]) throws(HubError) {
        guard bytes.count <= Self.longest else {
            throw HubError(.tooLarge, "the safetensors index has \(bytes.count) bytes; at most \(Self.longest) are read")
        }
        let read: RawIndex
        do {
            read = try JSONDecoder().decode(RawIndex.self, from: Data(bytes))
        } catch {
            throw Self.fail(error.sentence)
        }
        var shards: Set<FilePath> = []
        for name in Set(read.weightMap.values) {
            let path = try FilePath(parsing: name)
            shards.insert(path)
        }
        self.shards = shards.sorted()
        tensorCount = read.weightMap.count
        // Some writers make it a float.
        if let size = read.metadata?.totalSize {
            guard let whole = Int64(exactly: size), whole >= 0 else { throw Self.fail("total_size is not a number of bytes") }
            totalSize = whole
        } else {
            totalSize = nil
        }
    }

    private static func fail(_ reason: String) -> HubError { HubError(.invalidRequest, "this is not a safetensors index: \(reason)") }
}

private struct RawIndex: Decodable {
    struct Metadata: Decodable {
        let totalSize: Double?
        enum CodingKeys: String, CodingKey { case totalSize = "total_size" }
    }
    let metadata: Metadata?
    let weightMap: [String: String]
    enum CodingKeys: String, CodingKey {
        case metadata
        case weightMap = "weight_map"
    }
}
