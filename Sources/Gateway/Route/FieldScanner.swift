/// Finds top-level text fields of a JSON object while its bytes arrive, without building anything
/// else of it. Where a field is given twice the first counts: what was decided on it cannot be
/// taken back when the rest of a long body has yet to come.
struct FieldScanner {
    enum Outcome: Hashable {
        case more
        /// Everything wanted was seen, or the object is over.
        case done
        /// Not a JSON object, as far as was looked.
        case invalid
    }

    enum Value: Hashable {
        case absent
        /// Where in `texts`.
        case text(Extent)
        /// A number, a list, a text longer than 512 bytes, …
        case other
    }

    static let textLimit = 512
    private static let keyLimit = 128

    private enum State {
        case start, keyOrEnd, key, colon, value, text, scalar, nested, afterValue, needsKey, over
    }

    private var wanted: [[UInt8]] = []
    private(set) var values: [Value] = []
    /// The unescaped bytes of what was found.
    private(set) var texts: [UInt8] = []
    private var state = State.start
    private var missing = 0
    private var key: [UInt8] = []
    private var keyOverflowed = false
    /// Which wanted field the current value belongs to.
    private var current: Int?
    private var textStart = 0
    private var textOverflowed = false
    private var depth = 0
    private var isInText = false
    private var escape = TextEscape()

    mutating func reset(wanted: [[UInt8]]) {
        self.wanted = wanted
        values.removeAll(keepingCapacity: true)
        for _ in wanted { values.append(.absent) }
        texts.removeAll(keepingCapacity: true)
        state = .start
        missing = wanted.count
        current = nil
        depth = 0
        isInText = false
        escape = TextEscape()
    }

    func bytes(_ index: Int) -> ArraySlice<UInt8>? {
        guard index < values.count, case .text(let extent) = values[index] else { return nil }
        return texts[extent.start..<extent.end]
    }

    /// Reads bytes that follow the ones read before.
    mutating func scan(_ bytes: Bytes) -> Outcome {
        for byte in bytes {
            switch state {
            case .start:
                if byte.isJSONBlank { continue }
                guard byte == 0x7B else { return .invalid }
                state = .keyOrEnd
            case .keyOrEnd, .needsKey:
                if byte.isJSONBlank { continue }
                if byte == 0x7D, state == .keyOrEnd { state = .over; return .done }
                guard byte == 0x22 else { return .invalid }
                key.removeAll(keepingCapacity: true)
                keyOverflowed = false
                state = .key
            case .key:
                guard take(byte, isKey: true) else { return .invalid }
            case .colon:
                if byte.isJSONBlank { continue }
                guard byte == 0x3A else { return .invalid }
                state = .value
            case .value:
                if byte.isJSONBlank { continue }
                guard begin(byte) else { return .invalid }
            case .text:
                guard take(byte, isKey: false) else { return .invalid }
            case .scalar:
                if byte == 0x2C || byte == 0x7D { if end(byte) { return .done } } else if byte.isJSONBlank { state = .afterValue }
                if state == .scalar, !byte.isScalarByte { return .invalid }
            case .nested:
                skip(byte)
            case .afterValue:
                if byte.isJSONBlank { continue }
                guard byte == 0x2C || byte == 0x7D else { return .invalid }
                if end(byte) { return .done }
            case .over:
                return .done
            }
            if missing == 0 { return .done }
        }
        return .more
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        current = keyOverflowed ? nil : wanted.firstIndex { $0 == key }
        if let index = current, values[index] != .absent { current = nil }
        switch byte {
        case 0x22:
            textStart = texts.count
            textOverflowed = false
            state = .text
        case 0x7B, 0x5B:
            settle(.other)
            depth = 1
            state = .nested
        case 0x2D, 0x30...0x39, 0x74, 0x66, 0x6E:
            settle(.other)
            state = .scalar
        default: return false
        }
        return true
    }

    private mutating func settle(_ value: Value) {
        guard let index = current else { return }
        values[index] = value
        missing -= 1
        current = nil
    }

    /// Of a key or a text at the top: true while it is well formed.
    private mutating func take(_ byte: UInt8, isKey: Bool) -> Bool {
        switch escape.take(byte) {
        case .invalid: return false
        case .pending: return true
        case .quote:
            if isKey {
                state = .colon
            } else {
                settle(textOverflowed ? .other : .text(Extent(start: textStart, end: texts.count)))
                state = .afterValue
            }
            return true
        case .scalar(let scalar):
            for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { keep(unit, isKey) }
            return true
        case .byte(let byte):
            keep(byte, isKey)
            return true
        }
    }

    private mutating func keep(_ byte: UInt8, _ isKey: Bool) {
        if isKey {
            if key.count < Self.keyLimit { key.append(byte) } else { keyOverflowed = true }
        } else if current != nil {
            if texts.count - textStart < Self.textLimit { texts.append(byte) } else { textOverflowed = true }
        }
    }

    /// Of a nested value: only quotes and depth matter.
    private mutating func skip(_ byte: UInt8) {
        if isInText {
            if escape.isOpen { escape.isOpen = false } else if byte == 0x5C { escape.isOpen = true } else if byte == 0x22 { isInText = false }
            return
        }
        switch byte {
        case 0x22: isInText = true
        case 0x7B, 0x5B: depth += 1
        case 0x7D, 0x5D:
            depth -= 1
            if depth == 0 { state = .afterValue }
        default: break
        }
    }

    private mutating func end(_ byte: UInt8) -> Bool {
        state = byte == 0x7D ? .over : .needsKey
        return state == .over
    }
}

extension UInt8 {
    var isJSONBlank: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
    fileprivate var isScalarByte: Bool {
        isDigit || (self >= 0x61 && self <= 0x7A) || self == 0x2D || self == 0x2B || self == 0x2E || self == 0x45
    }
}
