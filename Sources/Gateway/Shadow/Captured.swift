/// One of two answers to a request, as far as scorers need it. Of a body only the first 256 KiB
/// are kept; a longer one is not compared by its content.
struct Captured: Sendable {
    static let limit = 256 << 10
    var status = 0
    /// It ended as it should.
    var isWhole = false
    var body: [UInt8] = []
    var length = 0
    var isCut: Bool { length > body.count }

    mutating func add(_ bytes: Bytes) {
        length += bytes.count
        let room = Self.limit - body.count
        if room > 0 { body.append(contentsOf: bytes.prefix(room)) }
    }
}
