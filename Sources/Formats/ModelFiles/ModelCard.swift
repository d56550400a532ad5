/// A README.md as a model or dataset card: what its front matter says.
package struct ModelCard: Hashable, Sendable {
    /// How much of a README is looked at: 1 MiB.
    package static let longest = 1 << 20

    /// Always an object; empty where there is no front matter, or none that can be read.
    package let metadata: CardValue
    /// Why the front matter could not be read. A card with a problem can still be published.
    package let problem: CardProblem?
    package let hasFrontMatter: Bool
    /// Where the text for people begins.
    package let bodyStart: Int

    /// Reads the first MiB of a README.
    package init(parsing bytes: [UInt8]) {
        let head = bytes.prefix(Self.longest)
        switch FrontMatter.find(in: head) {
        case .absent: self.init(.empty, nil, false, 0)
        case .open(let line):
            let problem = CardProblem(
                line: line,
                message: head.count < bytes.count
                    ? "the metadata that begins here does not end within \(Self.longest) bytes"
                    : "the metadata that begins here has no closing line '---'")
            // A text may begin with a rule.
            self.init(.empty, head.count < bytes.count ? problem : nil, false, 0)
        case .found(let found):
            do throws(CardProblem) {
                guard let text = String(validating: found.yaml, as: UTF8.self) else {
                    throw CardProblem(line: found.linesBefore + 1, message: "the metadata is not UTF-8 text; save the file as UTF-8")
                }
                let metadata = try CardYAML.read(text, linesBefore: found.linesBefore)
                switch metadata {
                case .object: self.init(metadata, nil, true, found.bodyStart)
                case .null: self.init(.empty, nil, true, found.bodyStart)
                default:
                    throw CardProblem(line: found.linesBefore + 1, message: "the metadata must be keys with values, such as 'license: mit'")
                }
            } catch {
                self.init(.empty, error, true, found.bodyStart)
            }
        }
    }

    private init(_ metadata: CardValue, _ problem: CardProblem?, _ hasFrontMatter: Bool, _ bodyStart: Int) {
        self.metadata = metadata
        self.problem = problem
        self.hasFrontMatter = hasFrontMatter
        self.bodyStart = bodyStart
    }
}

/// What is wrong with a card, for the person who wrote it.
package struct CardProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line of the README, from 1, where it is known.
    package let line: Int?
    package let message: String
    package init(line: Int? = nil, message: String) {
        self.line = line
        self.message = message
    }
    package var description: String { line.map { "line \($0): \(message)" } ?? message }
}
