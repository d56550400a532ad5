import ArgumentParser
import Core
import Server

struct Doctor: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Examine a data folder that no server holds.",
        discussion: """
            Looks at the format, the lock, the index, the event log and the room on disk, quickly and without changing \
            anything. 'grayling verify --store' reads the bytes as well.

              grayling doctor --data /srv/grayling
            """)

    @Option(name: .long, help: ArgumentHelp("The data folder (default Storage).", valueName: "folder"))
    var data = "Storage"

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var settings = ServerSettings()
        settings.data = .init(data, source: "--data")
        let findings = try await OfflineCare.examine(settings)
        if output.json {
            try Terminal.json(findings)
        } else {
            Terminal.table(findings.map { [$0.isWell ? "well" : "NOT WELL", $0.what, Terminal.plain($0.detail)] })
        }
        guard findings.allSatisfy(\.isWell) else { throw ExitCode(1) }
    }
}
