import Core
import Hub
import XetFormat

/// A plan as clients read it (Xet specification, file reconstruction). Chunk ranges exclude their end, byte
/// ranges include it. Each span of bytes has an address of its own, so that nobody has to ask one
/// address for several ranges.
struct PlanBody: Encodable {
    let offset: Int64
    let terms: [Term]
    var fetchInfo: [String: [Fetch1]]?
    var xorbs: [String: [Fetch2]]?

    enum CodingKeys: String, CodingKey {
        case offset = "offset_into_first_range"
        case terms
        case fetchInfo = "fetch_info"
        case xorbs
    }

    struct Span: Encodable {
        let start: Int64
        let end: Int64
        init(_ chunks: Range<Int>) { (start, end) = (Int64(chunks.lowerBound), Int64(chunks.upperBound)) }
        init(_ bytes: ByteRange) { (start, end) = (bytes.lower, bytes.upper - 1) }
    }

    struct Term: Encodable {
        let hash: String
        let size: UInt32
        let range: Span
        enum CodingKeys: String, CodingKey {
            case hash, range
            case size = "unpacked_length"
        }
        init(_ term: ShardTerm) { (hash, size, range) = ("\(term.xorb)", term.rawLength, Span(term.chunks)) }
    }

    struct Fetch1: Encodable {
        let range: Span
        let url: String
        let bytes: Span
        enum CodingKeys: String, CodingKey {
            case range, url
            case bytes = "url_range"
        }
    }

    struct Fetch2: Encodable {
        struct Part: Encodable {
            let chunks: Span
            let bytes: Span
        }
        let url: String
        let ranges: [Part]
    }

    init(version1 plan: XetPlan, at store: String) {
        self.init(plan)
        fetchInfo = Self.each(plan) { Fetch1(range: Span($0.chunks), url: Self.address($0, store), bytes: Span($0.bytes)) }
    }

    init(version2 plan: XetPlan, at store: String) {
        self.init(plan)
        xorbs = Self.each(plan) {
            Fetch2(url: Self.address($0, store), ranges: [Fetch2.Part(chunks: Span($0.chunks), bytes: Span($0.bytes))])
        }
    }

    private init(_ plan: XetPlan) {
        offset = plan.offsetIntoFirstRange
        terms = plan.terms.map(Term.init)
    }

    private static func each<Value>(_ plan: XetPlan, _ body: (XetPlan.Span) -> Value) -> [String: [Value]] {
        Dictionary(plan.xorbs.map { ("\($0.hash)", $0.spans.map(body)) }) { first, _ in first }
    }

    private static func address(_ span: XetPlan.Span, _ store: String) -> String { "\(store)/v1/bytes?grant=\(span.capability)" }
}
