import Core

/// One pattern of a `.gitattributes` (the rules are gitignore(5)'s), compared byte by byte as git
/// does. Matching costs at most pattern times path, whatever the pattern.
struct GitPattern: Sendable {
    private enum Shape {
        case exactly([UInt8])
        case endingIn([UInt8])
        case steps([Step])
    }
    fileprivate enum Step {
        case byte(UInt8)
        /// Any byte of the set.
        case oneOf(ByteSet)
        /// `*`: any bytes of one name.
        case withinName
        /// `**` at the end: any bytes.
        case anything
        /// `**/`: no folder, or any number of them. Always followed by `insideFolder`.
        case folders
        /// After the first byte of a skipped folder, until its `/`.
        case insideFolder
    }
    private let shape: Shape
    /// Whether the last name of the path is compared, not the whole path.
    private let isForNames: Bool

    /// nil where the pattern can match no file: `folder/`, an open bracket, a `\` at the end.
    init?(_ text: [UInt8]) {
        guard let last = text.last, last != 0x2F else { return nil }
        isForNames = !text.contains(0x2F)
        let text = text.first == 0x2F ? text.dropFirst() : text[...]
        func isPlain(_ text: ArraySlice<UInt8>) -> Bool { !text.contains { "*?[\\".utf8.contains($0) } }
        if isPlain(text) {
            shape = .exactly(Array(text))
        } else if isForNames, text.first == 0x2A, isPlain(text.dropFirst()) {
            shape = .endingIn(Array(text.dropFirst()))
        } else {
            guard let steps = Self.steps(text) else { return nil }
            shape = .steps(steps)
        }
    }

    /// `name` is the last part of `path`.
    func matches(path: [UInt8], name: [UInt8]) -> Bool {
        let text = isForNames ? name : path
        switch shape {
        case .exactly(let whole): return text == whole
        case .endingIn(let end): return text.count >= end.count && text[(text.count - end.count)...].elementsEqual(end)
        case .steps(let steps): return Self.matches(steps, text)
        }
    }

    private static func steps(_ text: ArraySlice<UInt8>) -> [Step]? {
        var steps: [Step] = []
        var rest = text
        while let unit = rest.popFirst() {
            switch unit {
            case 0x2A:
                let before = rest.startIndex - 2
                let beginsPart = before < text.startIndex || text[before] == 0x2F
                let more = rest.prefix { $0 == 0x2A }
                rest = rest[more.endIndex...]
                if beginsPart, !more.isEmpty, rest.isEmpty {
                    steps.append(.anything)
                } else if beginsPart, !more.isEmpty, rest.first == 0x2F {
                    steps += [.folders, .insideFolder]
                    rest = rest.dropFirst()
                } else {
                    steps.append(.withinName)
                }
            case 0x3F: steps.append(.oneOf(.nameBytes))
            case 0x5B:
                guard let set = ByteSet(bracket: &rest) else { return nil }
                steps.append(.oneOf(set))
            case 0x5C:
                guard let escaped = rest.popFirst() else { return nil }
                steps.append(.byte(escaped))
            default: steps.append(.byte(unit))
            }
        }
        return steps
    }

    /// Follows all ways through the steps at once: `open[i]` means that the text so far can stand
    /// before step i.
    private static func matches(_ steps: [Step], _ text: [UInt8]) -> Bool {
        var open = [Bool](repeating: false, count: steps.count + 1)
        var next = open
        open[0] = true
        skipOptional(steps, &open)
        for unit in text {
            for i in next.indices { next[i] = false }
            for (i, step) in steps.enumerated() where open[i] {
                switch step {
                case .byte(let byte): if unit == byte { next[i + 1] = true }
                case .oneOf(let set): if set.contains(unit) { next[i + 1] = true }
                case .withinName: if unit != 0x2F { next[i] = true }
                case .anything: next[i] = true
                case .folders: if unit != 0x2F { next[i + 1] = true }
                case .insideFolder: next[unit == 0x2F ? i - 1 : i] = true
                }
            }
            // A skipped folder stands before the step it came from, so this comes second.
            skipOptional(steps, &next)
            swap(&open, &next)
        }
        return open[steps.count]
    }

    private static func skipOptional(_ steps: [Step], _ open: inout [Bool]) {
        for (i, step) in steps.enumerated() where open[i] {
            switch step {
            case .withinName, .anything: open[i + 1] = true
            case .folders: open[i + 2] = true
            case .byte, .oneOf, .insideFolder: break
            }
        }
    }
}
