package import Core

/// What the beginning of a `.gguf` file says of the model (GGUF specification, versions 2 and 3).
package struct GGUFHeader: Hashable, Sendable {
    /// How much of a file is worth reading: the vocabulary stands among the keys, and its end is
    /// seldom needed.
    package static let usefulPrefix = 1 << 20

    package let version: UInt32
    package let isBigEndian: Bool
    package let tensorCount: Int64
    package let keyCount: Int64
    /// `general.architecture`, such as `llama`.
    package let architecture: String?
    package let name: String?
    /// Tokens: `<architecture>.context_length`.
    package let contextLength: Int64?
    package let embeddingLength: Int64?
    package let blockCount: Int64?
    /// What most tensors are stored as, such as `Q4_K_M`.
    package let fileType: String?
    package let license: String?
    package let sizeLabel: String?
    /// Elements of all tensors; nil where `isWhole` is false.
    package let parameters: Int64?
    /// Whether keys and tensor descriptions ended inside the bytes given.
    package let isWhole: Bool

    /// Reads as far as the bytes go. Throws where they are no GGUF, or contradict themselves.
    package init(parsing prefix: [UInt8]) throws(HubError) {
        var reader = GGUFReader(prefix)
        guard let magic = reader.take(4) else { throw Self.fail("it has \(prefix.count) bytes") }
        guard magic.elementsEqual("GGUF".utf8) else { throw Self.fail("it does not begin with 'GGUF'") }
        let keys: GGUFKeys
        do throws(GGUFReader.Stop) {
            let version: UInt32 = try reader.number()
            reader.isBigEndian = version & 0xFFFF == 0
            self.version = reader.isBigEndian ? version.byteSwapped : version
            isBigEndian = reader.isBigEndian
            guard self.version == 2 || self.version == 3 else { throw .wrong("version \(self.version) is not read, only 2 and 3") }
            tensorCount = try reader.count("tensors", atMost: 1 << 24)
            keyCount = try reader.count("keys", atMost: 1 << 20)
        } catch {
            throw Self.fail(error.reason ?? "it ends inside its header")
        }
        do {
            keys = try GGUFKeys(&reader, keys: keyCount, tensors: tensorCount)
        } catch {
            throw Self.fail(error.reason ?? "it ends inside its header")
        }
        architecture = keys.text("general.architecture")
        name = keys.text("general.name")
        license = keys.text("general.license")
        sizeLabel = keys.text("general.size_label")
        let prefix = (architecture ?? "") + "."
        contextLength = keys.number(prefix + "context_length")
        embeddingLength = keys.number(prefix + "embedding_length")
        blockCount = keys.number(prefix + "block_count")
        fileType = keys.number("general.file_type").map(GGUFFileType.name)
        parameters = keys.parameters
        isWhole = keys.isWhole
    }

    private static func fail(_ reason: String) -> HubError { HubError(.invalidRequest, "this is not a GGUF file: \(reason)") }
}
