import API
import ArgumentParser
import Client
import Core

struct Files: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "List the files of a revision.",
        discussion: """
              grayling files acme/whale@1.0.0
              grayling files acme/whale --prefix tokenizer/
            """)

    @Argument(help: ArgumentHelp("Whose files.", valueName: "owner/name[@revision]"))
    var name: String

    @Option(name: .long, help: "Only paths that begin so.")
    var prefix: String?

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let name = try kind.revisionName(name)
        var query = [("revision", name.revision.description)]
        if let prefix { query.append(("prefix", prefix)) }
        let files: [FileInfo] = try await connection.session().all(.listFiles, name.repo.pathValues, query: query)
        if output.json { return try Terminal.json(Page(items: files)) }
        Terminal.table(
            files.map { [String($0.digest.dropFirst(7).prefix(12)), Terminal.size($0.size), $0.isExecutable ? "x" : "-", $0.storage, $0.path] })
        if !output.quiet { Terminal.note("\(Terminal.count(files.count, "file")), \(Terminal.size(files.reduce(0) { $0 + $1.size }))") }
    }
}
