/// Finds the `usage` object in an OpenAI answer while it streams by, in a JSON body or in an SSE
/// event, and reads the token counts. Nothing is kept but a few counters; the last one seen counts.
struct UsageScanner {
    private(set) var inputTokens: Int?
    private(set) var outputTokens: Int?

    private enum State { case searching, colon, inside }
    private var state = State.searching
    /// How much of `"usage"` was matched at the end of the last bytes.
    private var matched = 0
    private var depth = 0
    private var isInText = false
    private var isEscaped = false
    private var word = Word()
    private var field = Field.none
    private var number: Int?
    private var length = 0

    private enum Field { case none, input, output }
    private static let limit = 4096

    mutating func reset() { self = UsageScanner() }

    mutating func scan(_ bytes: Bytes) {
        var i = 0
        while i < bytes.count {
            if state == .searching {
                if matched == 0 {
                    // Most bytes are passed over in one sweep; a beginning at the very end is kept in `matched`.
                    guard let at = bytes.index(of: "\"usage\"", from: i) else { return keepEnd(bytes, from: max(i, bytes.count - 6)) }
                    i = at + 7
                    state = .colon
                } else {
                    match(bytes[i])
                    i += 1
                }
            } else {
                take(bytes[i])
                i += 1
            }
        }
    }

    private mutating func keepEnd(_ bytes: Bytes, from start: Int) {
        for i in start..<bytes.count { match(bytes[i]) }
    }

    /// The quote stands only at both ends of the word, so a mismatch begins anew at once.
    private mutating func match(_ byte: UInt8) {
        let wanted: StaticString = "\"usage\""
        if byte == wanted.utf8Start[matched] {
            matched += 1
            if matched == 7 {
                matched = 0
                state = .colon
            }
        } else {
            matched = byte == 0x22 ? 1 : 0
        }
    }

    private mutating func take(_ byte: UInt8) {
        if state == .colon {
            if byte == 0x7B {
                state = .inside
                depth = 1
                length = 0
                field = .none
                number = nil
                isInText = false
            } else if byte != 0x3A, !byte.isJSONBlank {
                state = .searching
            }
            return
        }
        length += 1
        if length > Self.limit { state = .searching }
        if isInText {
            if isEscaped {
                isEscaped = false
            } else if byte == 0x5C {
                isEscaped = true
            } else if byte == 0x22 {
                isInText = false
            } else {
                word.add(byte)
            }
            return
        }
        switch byte {
        case 0x22:
            isInText = true
            word = Word()
        case 0x3A: field = depth == 1 ? word.field : .none
        case 0x30...0x39: number = min((number ?? 0) * 10 + Int(byte - 0x30), 1 << 40)
        case 0x7B: depth += 1
        case 0x2C: settle()
        case 0x7D:
            settle()
            depth -= 1
            if depth == 0 { state = .searching }
        default: break
        }
    }

    private mutating func settle() {
        if let number {
            switch field {
            case .input: inputTokens = number
            case .output: outputTokens = number
            case .none: break
            }
        }
        number = nil
        field = .none
    }

    /// A key, kept as the hash of its bytes.
    private struct Word {
        private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        mutating func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        init() {}
        private init(_ text: StaticString) {
            for i in 0..<text.utf8CodeUnitCount { add(text.utf8Start[i]) }
        }
        var field: Field {
            switch hash {
            case Self.prompt.hash, Self.input.hash: .input
            case Self.completion.hash, Self.output.hash: .output
            default: .none
            }
        }
        private static let prompt = Word("prompt_tokens")
        private static let input = Word("input_tokens")
        private static let completion = Word("completion_tokens")
        private static let output = Word("output_tokens")
    }
}
