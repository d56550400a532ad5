/// Where the front matter of a README stands: the lines between a first `---` and the next one.
struct FrontMatter {
    /// The lines between the markers.
    let yaml: ArraySlice<UInt8>
    /// Where the text for people begins.
    let bodyStart: Int
    /// How many lines come before `yaml`.
    let linesBefore: Int

    enum Search {
        case found(FrontMatter)
        case absent
        /// It begins, and does not end in what was looked at.
        case open(line: Int)
    }

    /// A byte order mark, empty lines before the first marker, spaces behind markers, and both kinds
    /// of line ends are tolerated.
    static func find(in bytes: ArraySlice<UInt8>) -> Search {
        var at = bytes.startIndex
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at += 3 }
        var line = 0
        while at < bytes.endIndex {
            let end = lineEnd(bytes, at)
            line += 1
            let text = trimmed(bytes[at..<end])
            at = min(end + 1, bytes.endIndex)
            if text.isEmpty { continue }
            guard text.elementsEqual("---".utf8) else { return .absent }
            return close(bytes, from: at, opened: line)
        }
        return .absent
    }

    private static func close(_ bytes: ArraySlice<UInt8>, from start: Int, opened: Int) -> Search {
        var at = start
        while at < bytes.endIndex {
            let end = lineEnd(bytes, at)
            let next = min(end + 1, bytes.endIndex)
            if bytes[at] == 0x2D, trimmed(bytes[at..<end]).elementsEqual("---".utf8) {
                return .found(FrontMatter(yaml: bytes[start..<at], bodyStart: next, linesBefore: opened))
            }
            at = next
        }
        return .open(line: opened)
    }

    private static func lineEnd(_ bytes: ArraySlice<UInt8>, _ start: Int) -> Int {
        bytes[start...].firstIndex(of: 0x0A) ?? bytes.endIndex
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ unit: UInt8) -> Bool { unit == 0x20 || unit == 0x09 || unit == 0x0D }
        var line = line
        while let last = line.last, isBlank(last) { line.removeLast() }
        return line.drop(while: isBlank)
    }
}
