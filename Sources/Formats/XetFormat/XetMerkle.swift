/// The Merkle root over a list of chunks, built as they come (Xet specification, hashing). Memory grows with the logarithm
/// of the list: of each level only the group that is still open is kept.
///
/// A group is closed by its third to eighth member when the last word of that member's hash is divisible by 4, by its
/// ninth member always, and by the end of its level; so it can be closed as soon as that member is there.
package struct XetMerkle: Sendable {
    private var levels: [Level] = [Level()]

    private struct Node: Sendable {
        var hash: XetHash
        var length: UInt64
    }

    private struct Level: Sendable {
        var open: [Node] = []
        /// Whether a group of this level has been closed already.
        var hasClosed = false
    }

    package init() {}

    package init(_ chunks: some Sequence<XetChunk>) {
        for chunk in chunks { append(chunk) }
    }

    package mutating func append(_ chunk: XetChunk) {
        add(Node(hash: chunk.hash, length: UInt64(chunk.length)), at: 0)
    }

    /// The root over everything so far: zero over nothing, and a single chunk's own hash.
    /// For the chunks of a xorb this is the name of the xorb.
    package var root: XetHash {
        var rest = self
        var level = 0
        while true {
            let open = rest.levels[level].open
            // What is above this level was put there by a group closed here, so the level is the top if none was.
            if !rest.levels[level].hasClosed, open.count <= 1 { return open.first?.hash ?? .zero }
            if !open.isEmpty { rest.close(level) }
            level += 1
        }
    }

    /// The id of the file that consists of these chunks; zero for an empty file.
    package var fileID: XetHash {
        let root = root
        return root == .zero ? .zero : .ofFile(root: root)
    }

    private mutating func add(_ node: Node, at level: Int) {
        if level == levels.count { levels.append(Level()) }
        levels[level].open.append(node)
        let count = levels[level].open.count
        if count == 9 || (count >= 3 && node.hash.words.d % 4 == 0) { close(level) }
    }

    private mutating func close(_ level: Int) {
        let node = Self.parent(of: levels[level].open)
        levels[level].open.removeAll(keepingCapacity: true)
        levels[level].hasClosed = true
        add(node, at: level + 1)
    }

    /// The keyed hash of one line for each member, `<hash> : <length>`.
    private static func parent(of members: [Node]) -> Node {
        var text: [UInt8] = []
        text.reserveCapacity(members.count * 88)
        var length: UInt64 = 0
        for member in members {
            text.append(contentsOf: "\(member.hash) : \(member.length)\n".utf8)
            length += member.length
        }
        return Node(hash: text.withUnsafeBytes { XetHash.keyed(.nodeKey, $0) }, length: length)
    }
}
