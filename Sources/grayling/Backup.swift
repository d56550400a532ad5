import API
import ArgumentParser
import Client
import Core
import Foundation

struct Backup: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Copy the server's data into a folder while it serves.",
        discussion: """
            The folder is on the server's machine. Into the folder of an earlier backup only new blobs are copied. \
            'grayling restore' makes a data root of it again.

              grayling backup /mnt/backup/grayling
            """)

    @Argument(help: "A folder on the server's machine; made if there is none.")
    var folder: String

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let absolute = folder.hasPrefix("/") ? folder : FileManager.default.currentDirectoryPath + "/" + folder
        let session = try connection.session()
        let report: BackupReport = try await CareLines.follow(session, .backup, body: BackupRequest(folder: absolute), output)
        if output.json { return }
        Terminal.line(
            "backed up into \(Terminal.plain(report.folder)): \(Terminal.count(report.blobs, "blob")), \(report.copied) copied now (\(Terminal.size(report.copiedBytes)))"
        )
    }
}
