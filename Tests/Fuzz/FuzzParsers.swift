import Core
import GitObjects

/// libFuzzer's entry. The first byte chooses the parser, the rest is what it reads. A parser may
/// refuse; it may not crash, hang, or accept what breaks its promise.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let rest = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
    parsers[Int(data[0]) % parsers.count](rest)
    return 0
}

private let parsers: [@Sendable ([UInt8]) -> Void] = [
    path, names, range, eventDetail, digest, gitTree, gitCommit, pointer, attributes, lineage
]

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

private func path(_ bytes: [UInt8]) {
    guard let path = try? FilePath(parsing: text(bytes)) else { return }
    precondition(path.text.utf8.elementsEqual(text(bytes).utf8), "a path was altered")
    precondition(path.text.utf8.first != 0x2F && !path.text.utf8.contains(0), "a path escapes")
    for part in path.parts { precondition(!part.isEmpty && part != "." && part != "..", "a path escapes") }
    precondition(path.parts.joined(separator: "/").utf8.elementsEqual(path.text.utf8), "the parts are not the path")
}

private func names(_ bytes: [UInt8]) {
    if let repo = try? RepoName(parsing: text(bytes)) { precondition((try? RepoName(parsing: repo.path)) == repo) }
    if let ref = try? RefName(parsing: text(bytes)) { precondition((try? RefName(parsing: ref.text)) == ref) }
    if let revision = try? RevisionName(parsing: text(bytes)) {
        precondition((try? RevisionName(parsing: revision.description)) == revision)
    }
}

private func range(_ bytes: [UInt8]) {
    let size = bytes.prefix(8).reduce(Int64(0)) { $0 << 7 | Int64($1 & 127) }
    guard case .part(let part) = ByteRange.parse(text(Array(bytes.dropFirst(8))), size: size) else { return }
    precondition(part.lower < part.upper && part.upper <= size, "a range leaves the body")
}

private func eventDetail(_ bytes: [UInt8]) {
    let halves = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map { text(Array($0)) }
    let detail = [halves[0]: halves.count > 1 ? halves[1] : ""]
    precondition(EventDetail.decode(EventDetail.encode(detail)) == detail, "a detail is not what was stored")
    _ = EventDetail.decode(text(bytes))
}

private func digest(_ bytes: [UInt8]) {
    if let digest = try? Digest(parsing: text(bytes)) { precondition(Digest(bytes: digest.bytes) == digest) }
    precondition(Hex.decode(Hex.encode(bytes)) == bytes, "base 16 is not reversible")
}

private func gitTree(_ bytes: [UInt8]) {
    if let tree = try? GitTree(parsing: bytes) { precondition(tree.bytes == bytes, "a tree is written otherwise than read") }
}

private func gitCommit(_ bytes: [UInt8]) {
    if let commit = try? GitCommit(parsing: bytes) { precondition(commit.bytes == bytes, "a commit is written otherwise than read") }
}

private func pointer(_ bytes: [UInt8]) {
    if let pointer = LFSPointer(parsing: bytes) { precondition(Array(pointer.text.utf8) == bytes, "a pointer is written otherwise than read") }
}

private func attributes(_ bytes: [UInt8]) {
    let attributes = GitAttributes(parsing: text(bytes))
    for name in ["a.bin", "dir/x.safetensors", "é/ü.txt"] {
        if let path = try? FilePath(parsing: name) { _ = attributes.isLFS(path: path) }
    }
}

private func lineage(_ bytes: [UInt8]) {
    guard let claim = try? LineageClaim(parsing: text(bytes)) else { return }
    precondition((try? LineageClaim(parsing: "\(claim.parent):\(claim.kind.rawValue)")) == claim)
}
