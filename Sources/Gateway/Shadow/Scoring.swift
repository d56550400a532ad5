import Core
import Glibc

/// Two answers to one request, each scored from 0 to 1. Stable's answer is the measure: by `exact`,
/// `lengthRatio` and `cosine` it scores 1 itself.
enum Scoring {
    /// - Returns: nil where the answers cannot be compared this way.
    static func score(_ scorer: Scorer, stable: Captured, candidate: Captured, wire: ServingWire) -> (stable: Double, candidate: Double)? {
        switch scorer {
        case .status: return (isGood(stable) ? 1 : 0, isGood(candidate) ? 1 : 0)
        case .json:
            guard !stable.isCut, !candidate.isCut else { return nil }
            return (isJSON(stable) ? 1 : 0, isJSON(candidate) ? 1 : 0)
        case .exact:
            guard isGood(stable), !stable.isCut, !candidate.isCut else { return nil }
            guard isGood(candidate) else { return (1, 0) }
            return (1, content(stable, wire) == content(candidate, wire) ? 1 : 0)
        case .lengthRatio:
            guard isGood(stable) else { return nil }
            guard isGood(candidate) else { return (1, 0) }
            let (a, b) = (length(stable, wire), length(candidate, wire))
            return (1, a == b ? 1 : Double(min(a, b)) / Double(max(a, b)))
        case .cosine:
            guard isGood(stable), !stable.isCut, let measure = Vectors.read(stable.body) else { return nil }
            guard isGood(candidate), !candidate.isCut, let found = Vectors.read(candidate.body) else { return (1, 0) }
            return (1, Vectors.similarity(measure, found))
        }
    }

    private static func isGood(_ answer: Captured) -> Bool { (200..<300).contains(answer.status) && answer.isWhole }

    private static func isJSON(_ answer: Captured) -> Bool { isGood(answer) && answer.body.withUnsafeBytes { JSONValue.isWhole($0) } }

    private static func content(_ answer: Captured, _ wire: ServingWire) -> [UInt8] {
        wire == .openai ? AnswerText.read(answer.body) ?? answer.body : answer.body
    }

    private static func length(_ answer: Captured, _ wire: ServingWire) -> Int {
        if wire == .openai, !answer.isCut, let text = AnswerText.read(answer.body) { return text.count }
        return answer.length
    }
}

/// The vectors in an answer: every list of numbers under `embedding` or `data`.
enum Vectors {
    static let limit = 1 << 16

    static func read(_ body: [UInt8]) -> [Double]? {
        body.withUnsafeBytes { bytes in
            var numbers: [Double] = []
            var start = 0
            while let at = bytes.index(of: "\"embedding\"", from: start) {
                start = at + 11
                list(bytes, from: start, into: &numbers)
            }
            if numbers.isEmpty, let at = bytes.index(of: "\"data\"", from: 0) { list(bytes, from: at + 6, into: &numbers) }
            return numbers.isEmpty ? nil : numbers
        }
    }

    private static func list(_ bytes: Bytes, from start: Int, into numbers: inout [Double]) {
        guard var at = bytes.index(of: 0x5B, from: start) else { return }
        // Between the key and its list stands a colon and nothing else.
        for i in start..<at where bytes[i] != 0x3A && !bytes[i].isJSONBlank { return }
        at += 1
        while at < bytes.count, numbers.count < limit {
            if bytes[at] == 0x5D { return }
            var end = at
            while end < bytes.count, bytes[end] != 0x2C, bytes[end] != 0x5D, bytes[end] != 0x5B { end += 1 }
            let text = Bytes(rebasing: bytes[at..<end])
            if let number = Double(text.text.filter { !$0.isWhitespace }) { numbers.append(number) }
            at = end < bytes.count && bytes[end] == 0x5D ? end : end + 1
        }
    }

    /// The cosine, 0 where the lengths differ or it is negative.
    static func similarity(_ a: [Double], _ b: [Double]) -> Double {
        guard a.count == b.count else { return 0 }
        var dot = 0.0
        var first = 0.0
        var second = 0.0
        for i in a.indices {
            dot += a[i] * b[i]
            first += a[i] * a[i]
            second += b[i] * b[i]
        }
        guard first > 0, second > 0 else { return first == second ? 1 : 0 }
        let cosine = dot / (first.squareRoot() * second.squareRoot())
        return cosine.isFinite ? min(1, max(0, cosine)) : 0
    }
}
