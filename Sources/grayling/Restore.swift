import ArgumentParser
import Client
import Core
import Foundation
import Server

struct Restore: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Make a new data folder of a backup.",
        discussion: """
            Every blob is hashed on the way. The new folder must be empty; start the server on it afterwards.

              grayling restore /mnt/backup/grayling --data /srv/grayling
              grayling serve --data /srv/grayling
            """)

    @Argument(help: "A folder that 'grayling backup' made.", completion: .directory)
    var backup: String

    @Option(name: .long, help: ArgumentHelp("The new data folder.", valueName: "folder"))
    var data: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var settings = ServerSettings()
        settings.data = .init(backup, source: "argument")
        let meter = ProgressMeter()
        let target = data.hasPrefix("/") ? data : FileManager.default.currentDirectoryPath + "/" + data
        let source = settings
        let result = try await ProgressLine.watching(meter, output) {
            try await OfflineCare.restore(from: source, to: target) { done, total in
                if meter.reading.total != total || meter.reading.stage != .checking { meter.begin(.checking, total: total) }
                meter.add(done - meter.reading.done)
            }
        }
        if output.json { return try Terminal.json(Restored(folder: target, blobs: result.blobs, bytes: result.bytes)) }
        Terminal.line("restored \(Terminal.count(result.blobs, "blob")) (\(Terminal.size(result.bytes))) into \(Terminal.plain(target))")
    }

    private struct Restored: Encodable {
        let folder: String
        let blobs: Int
        let bytes: Int64
    }
}
