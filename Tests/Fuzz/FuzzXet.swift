import Core
import XetFormat

/// libFuzzer's entry for what Xet clients upload. The first byte chooses the parser, the second how the rest arrives in
/// pieces. A parser may refuse; it may not crash, hang, or make something else of the same bytes in other pieces.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data + 2, count: count - 2)
    let step = 1 + Int(data[1])
    switch data[0] % 3 {
    case 0: precondition(xorb(bytes, step) == xorb(bytes, .max), "a xorb depends on its pieces")
    case 1: precondition(shard(bytes, step) == shard(bytes, .max), "a shard depends on its pieces")
    default: chunkList(Array(bytes))
    }
    return 0
}

private func pieces(_ bytes: UnsafeRawBufferPointer, _ step: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    var at = 0
    while at < bytes.count {
        let end = at + min(step, bytes.count - at)
        try body(UnsafeRawBufferPointer(rebasing: bytes[at..<end]))
        at = end
    }
}

private func xorb(_ bytes: UnsafeRawBufferPointer, _ step: Int) -> XetHash? {
    let reader = XorbReader()
    var chunks: [XetChunk] = []
    do {
        try pieces(bytes, step) { piece in
            try reader.consume(piece) { raw, chunk in
                precondition(XetChunk(of: raw) == chunk && 1...XetLimits.longestChunk ~= raw.count, "a chunk is not what its name says")
                chunks.append(chunk)
            }
        }
        let name = try reader.finish()
        precondition(name == XetMerkle(chunks).root && chunks == reader.chunks, "a xorb is not what its name says")
        return name
    } catch {
        return nil
    }
}

private func shard(_ bytes: UnsafeRawBufferPointer, _ step: Int) -> [ShardReader.Part]? {
    var rules = ShardReader.Rules()
    rules.requiresDigest = false
    rules.requiresVerification = false
    rules.keepsXorbs = true
    var reader = ShardReader(rules: rules)
    var parts: [ShardReader.Part] = []
    do {
        try pieces(bytes, step) { parts += try reader.consume($0) }
        try reader.finish()
        for case .file(let file) in parts {
            precondition(file.verification.isEmpty || file.verification.count == file.terms.count, "a file is not whole")
            let written = ShardWriter.upload(files: [file], xorbs: [])
            var again = ShardReader(rules: rules)
            let read = try? written.withUnsafeBytes { try again.consume($0) }
            precondition(read == [.file(file)], "a file is written otherwise than read")
        }
        return parts
    } catch {
        return nil
    }
}

private func chunkList(_ bytes: [UInt8]) {
    guard let chunks = try? ChunkList.decode(bytes) else { return }
    precondition(ChunkList.encode(chunks) == bytes, "a chunk list is written otherwise than read")
}
