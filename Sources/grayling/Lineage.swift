import API
import ArgumentParser
import Client
import Core
import Foundation

struct Lineage: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Show what a revision was made from, or what was made from it.",
        discussion: """
              grayling lineage acme/whale-q4@1.0.0
              grayling lineage acme/whale@1.0.0 --down
              grayling lineage acme/whale-q4@1.0.0 --add acme/whale@1.0.0:quantized
            """)

    @Argument(help: ArgumentHelp("Where to begin.", valueName: "owner/name[@revision]"))
    var name: String

    @Flag(name: .long, help: "What it was made from (the default).")
    var up = false

    @Flag(name: .long, help: "What was made from it.")
    var down = false

    @Option(name: .long, help: "Steps at most, 1 to 64.")
    var depth: Int = 64

    @Option(name: .long, help: ArgumentHelp("Declare a parent first.", valueName: "owner/name@version[:kind]"))
    var add: String?

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        guard !(up && down) else { throw ValidationError("choose one of --up and --down") }
        guard (1...64).contains(depth) else { throw ValidationError("--depth must be 1 to 64") }
    }

    func run() async throws {
        let name = try kind.revisionName(name)
        let session = try connection.session()
        if let add {
            _ = try LineageClaim(parsing: add)
            _ = try await session.bytes(
                .addLineage, name.repo.pathValues, body: JSON.encode(NewLineage(revision: name.revision.description, base: add)))
        }
        let direction = down ? LineageDirection.down : .up
        let answer = try await session.bytes(
            .showLineage, name.repo.pathValues,
            query: [("revision", name.revision.description), ("direction", direction.rawValue), ("depth", String(depth))])
        if output.json { return Terminal.json(answer) }
        let lineage = try JSON.decode(LineageInfo.self, from: Data(answer))
        Terminal.line("\(name.repo)@\(lineage.revision.prefix(12))")
        guard !lineage.steps.isEmpty else {
            return Terminal.line(direction == .up ? "  made from nothing that is known here" : "  nothing known here was made from it")
        }
        for step in lineage.steps {
            let other = direction == .up ? step.parent : step.child
            let word = direction == .up ? "\(step.kind) of" : "\(step.kind):"
            Terminal.line(
                String(repeating: "  ", count: max(1, step.depth))
                    + Terminal.plain(
                        "\(word) \(other.repo)@\(other.version ?? String(other.commit.prefix(12)))\(other.kind == "dataset" ? " (dataset)" : "")"))
        }
    }
}
