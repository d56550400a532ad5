import Core
import ModelFiles

/// libFuzzer's entry for what is read from strangers' model files. The first byte chooses the reader.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let rest = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
    readers[Int(data[0]) % readers.count](rest)
    return 0
}

private let readers: [@Sendable ([UInt8]) -> Void] = [card, safetensors, safetensorsIndex, gguf]

private func card(_ bytes: [UInt8]) {
    let card = ModelCard(parsing: bytes)
    guard case .object = card.metadata else { preconditionFailure("a card's metadata is an object") }
    precondition(!card.metadata.json.utf8.contains(0) && card.bodyStart <= bytes.count)
    precondition(card.problem == nil || card.metadata == .empty, "half a card was read")
    _ = card.validate()
    precondition(CardTags.all(of: card, paths: ["a.gguf"], kind: .model).count <= 1000)
}

private func safetensors(_ bytes: [UInt8]) {
    guard let header = try? SafetensorsHeader(parsing: bytes) else { return }
    precondition(header.total >= 0 && header.parameters.values.reduce(0, +) == header.total && header.dataSize >= 0)
}

private func safetensorsIndex(_ bytes: [UInt8]) {
    if let index = try? SafetensorsIndex(parsing: bytes) { precondition(index.shards.count <= index.tensorCount) }
}

private func gguf(_ bytes: [UInt8]) {
    if let header = try? GGUFHeader(parsing: bytes) { precondition(header.isWhole == (header.parameters != nil)) }
}
