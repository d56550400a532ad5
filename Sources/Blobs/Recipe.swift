import Core

/// A blob as runs of whole files, and its text on disk.
struct Recipe: Equatable {
    static let header = "grayling recipe 1"
    /// Keeps a recipe small enough to be read in one go: some 10 MB of text.
    static let mostExtents = 100_000
    static let mostBytes = 16 << 20
    /// Sources that were re-formed are followed so far.
    static let deepest = 16

    let size: Int64
    let extents: [Extent]

    /// Runs that continue one another become one.
    init(joining extents: [Extent]) {
        var joined: [Extent] = []
        for extent in extents where extent.count > 0 {
            if let last = joined.last, last.digest == extent.digest, last.offset + last.count == extent.offset {
                joined[joined.count - 1] = Extent(digest: last.digest, offset: last.offset, count: last.count + extent.count)
            } else {
                joined.append(extent)
            }
        }
        self.extents = joined
        size = joined.reduce(0) { $0 + $1.count }
    }

    /// Each once, in order of digest.
    var sources: [Digest] { Set(extents.map(\.digest)).sorted() }

    var text: String {
        var text = "\(Self.header) \(size)\n"
        for extent in extents { text += "\(extent.digest.hex) \(extent.offset) \(extent.count)\n" }
        return text
    }

    /// Throws `.storageDamaged` where the text is not a recipe.
    init(text: String, of digest: Digest) throws(HubError) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true)[...]
        let size = try Self.size(in: lines.popFirst() ?? "", of: digest)
        var extents: [Extent] = []
        var total: Int64 = 0
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 3, let source = try? Digest(parsing: words[0]), let offset = Int64(words[1]),
                let count = Int64(words[2]), offset >= 0, count > 0, !offset.addingReportingOverflow(count).overflow
            else { throw .damaged(digest, "its recipe has the line '\(line.prefix(100))'") }
            extents.append(Extent(digest: source, offset: offset, count: count))
            total += count
        }
        guard total == size else { throw .damaged(digest, "its recipe adds up to \(total) bytes, not \(size)") }
        self.size = size
        self.extents = extents
    }

    /// The size alone, from the first line.
    static func size(in file: SharedFile, of digest: Digest) throws(HubError) -> Int64 {
        let text = try file.text(limit: 64)
        return try size(in: text.prefix { $0 != "\n" }, of: digest)
    }

    private static func size(in line: Substring, of digest: Digest) throws(HubError) -> Int64 {
        guard line.hasPrefix(header + " "), let size = Int64(line.dropFirst(header.count + 1)), size >= 0 else {
            throw .damaged(digest, "its recipe begins '\(line.prefix(40))' instead of '\(header) <size>'")
        }
        return size
    }
}
