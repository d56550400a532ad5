/// Reads a message's head, however its bytes arrive: each byte is looked at once. Lines must end
/// with CRLF; names are tokens right before their colon; values hold no control characters.
struct HeadReader {
    static let limit = 64 << 10
    static let maxFields = 256

    /// The start line, without its CRLF.
    private(set) var startLine = Extent.none
    private(set) var fields: [Field] = []
    private var position = 0
    private var searched = 0
    private var hasStartLine = false

    init() { fields.reserveCapacity(24) }

    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        startLine = .none
        position = 0
        searched = 0
        hasStartLine = false
    }

    /// The fields, to be changed by their owner; `giveBack` returns their memory.
    mutating func takeFields() -> [Field] {
        let taken = fields
        fields = []
        return taken
    }
    mutating func giveBack(_ taken: inout [Field]) {
        fields = taken
        taken = []
        reset()
    }

    /// Goes on where it stopped; `bytes` begin where they began the first time.
    /// - Returns: the offset behind the head's empty line, or nil while it is not complete.
    mutating func read(_ bytes: Bytes) throws(HeadFault) -> Int? {
        while let feed = bytes.index(of: 0x0A, from: searched) {
            guard feed < Self.limit else { throw .tooLarge }
            guard feed > position || hasStartLine, feed > 0, bytes[feed - 1] == 0x0D, feed > position else { throw .bareLineFeed }
            let line = Extent(start: position, end: feed - 1)
            position = feed + 1
            searched = position
            if !hasStartLine {
                // An empty line or two before a request are forgiven (RFC 9112 section 2.2).
                if line.isEmpty && line.start < 4 { continue }
                if line.isEmpty { throw .badStartLine }
                startLine = line
                hasStartLine = true
            } else if line.isEmpty {
                return position
            } else {
                guard fields.count < Self.maxFields else { throw .tooManyFields }
                fields.append(try Self.field(bytes, line))
            }
        }
        searched = bytes.count
        guard bytes.count < Self.limit else { throw .tooLarge }
        return nil
    }

    @inline(__always)
    static func field(_ bytes: Bytes, _ line: Extent) throws(HeadFault) -> Field {
        if bytes[line.start].isBlank { throw .foldedLine }
        var colon = line.start
        while colon < line.end, bytes[colon].isTokenByte { colon += 1 }
        guard colon < line.end else { throw .noColon }
        guard bytes[colon] == 0x3A else { throw bytes[colon].isBlank ? .spaceBeforeColon : .badName }
        guard colon > line.start else { throw .badName }
        var start = colon + 1
        var end = line.end
        try refuseControls(bytes, start, end)
        while start < end, bytes[start].isBlank { start += 1 }
        while end > start, bytes[end - 1].isBlank { end -= 1 }
        let name = Extent(start: line.start, end: colon)
        return Field(
            name: name, value: Extent(start: start, end: end), line: Extent(start: line.start, end: line.end + 2),
            kind: Field.Kind(bytes.at(name)))
    }

    @inline(__always)
    static func refuseControls(_ bytes: Bytes, _ start: Int, _ end: Int) throws(HeadFault) {
        var bad: UInt8 = 0
        for i in start..<end {
            let byte = bytes[i]
            bad |= (byte < 0x20 && byte != 0x09) || byte == 0x7F ? 1 : 0
        }
        guard bad == 0 else { throw bytes[start..<end].contains(0x0D) ? .bareCarriageReturn : .controlByte }
    }
}
