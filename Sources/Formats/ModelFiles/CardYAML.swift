import Core
import Yams

/// Reads the YAML of a card into values, within bounds: cards come from anybody.
struct CardYAML {
    private static let deepest = 64
    private static let mostValues = 200_000
    /// What comparing the keys of mappings may cost: bytes times mappings that could be keys themselves.
    private static let mostKeyWork = 8 << 20

    private var count = 0
    private let linesBefore: Int

    static func read(_ yaml: String, linesBefore: Int) throws(CardProblem) -> CardValue {
        try refuseBombs(yaml, linesBefore)
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw CardProblem(error, linesBefore)
        }
        guard let root else { return .empty }
        var reader = CardYAML(linesBefore: linesBefore)
        return try reader.value(root, depth: 0)
    }

    private init(linesBefore: Int) { self.linesBefore = linesBefore }

    private func problem(_ node: Node, _ message: String) -> CardProblem {
        CardProblem(line: node.mark.map { $0.line + linesBefore }, message: message)
    }

    private mutating func value(_ node: Node, depth: Int) throws(CardProblem) -> CardValue {
        count += 1
        guard depth <= Self.deepest else { throw problem(node, "the metadata is nested more than \(Self.deepest) levels deep") }
        guard count <= Self.mostValues else { throw problem(node, "the metadata has more than \(Self.mostValues) values") }
        switch node {
        case .scalar(let scalar): return try scalarValue(scalar, node)
        case .sequence(let sequence):
            var items: [CardValue] = []
            for item in sequence { items.append(try value(item, depth: depth + 1)) }
            return .list(items)
        case .mapping(let mapping):
            var members: [CardValue.Member] = []
            for (key, item) in mapping {
                guard case .scalar(let scalar) = key else { throw problem(key, "a key must be a plain word") }
                guard !scalar.string.utf8.contains(0) else { throw problem(key, "a key holds a NUL character") }
                members.append(.init(scalar.string, try value(item, depth: depth + 1)))
            }
            return .object(members)
        case .alias: throw problem(node, "aliases are not read in a card; write the value out")
        }
    }

    /// Quoted texts are texts; what a plain one means is decided here, and explicit tags change nothing.
    private func scalarValue(_ scalar: Node.Scalar, _ node: Node) throws(CardProblem) -> CardValue {
        guard !scalar.string.utf8.contains(0) else { throw problem(node, "a text holds a NUL character") }
        return scalar.style == .plain || scalar.style == .any ? PlainScalar.value(scalar.string) : .string(scalar.string)
    }

    /// The library expands aliases while it reads, and hashes keys that are lists or mappings anew at
    /// each level. Both can take a small text to hours, so such texts do not reach it.
    private static func refuseBombs(_ yaml: String, _ linesBefore: Int) throws(CardProblem) {
        var anchors: Set<String> = []
        var aliases: [(name: String, line: Int)] = []
        var keys = 0
        var line = linesBefore + 1
        var units = yaml.utf8[...]
        while let unit = units.popFirst() {
            switch unit {
            case 0x0A: line += 1
            case 0x26, 0x2A:
                let name = units.prefix { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D || $0 == 0x5F }
                guard !name.isEmpty, let text = String(name) else { continue }
                if unit == 0x26 { anchors.insert(text) } else { aliases.append((text, line)) }
            case 0x3F, 0x7B, 0x5D: keys += 1
            default: continue
            }
        }
        if let alias = aliases.first(where: { anchors.contains($0.name) }) {
            throw CardProblem(line: alias.line, message: "'*\(alias.name.prefix(40))': aliases are not read in a card; write the value out")
        }
        guard keys * yaml.utf8.count <= mostKeyWork else {
            throw CardProblem(
                line: linesBefore + 1,
                message: "the metadata is too large for so many '{', ']' and '?'; write lists and mappings as indented lines")
        }
    }
}

extension CardProblem {
    init(_ error: any Error, _ linesBefore: Int) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            self.init(line: mark.line + linesBefore, message: "not valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "'\(FilePath.printable($0.prefix(40)))'" }.joined(separator: ", ")
            self.init(line: context.mark.line + linesBefore, message: "the key \(names) is written twice; keep one")
        case .reader(let problem, _, _, _): self.init(line: nil, message: "not valid YAML: \(problem)")
        default: self.init(line: nil, message: "not valid YAML")
        }
    }
}
