import ArgumentParser
import Core
import Foundation
import Server

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server on one data folder.",
        discussion: """
            The folder is made on the first start, and its first token is printed once. Each setting can be a flag, a \
            variable or a line of a YAML file, in this order: --listen, GRAYLING_LISTEN, listen: 127.0.0.1:7070. \
            --print-config shows what would be used, and where each value comes from.

              grayling serve
              grayling serve --data /srv/grayling --listen 0.0.0.0:7070 --log-format json

            SIGTERM or SIGINT stops it: running transfers are finished first, within --shutdown-seconds.
            """)

    @Option(name: .long, help: ArgumentHelp("The data folder (default Storage).", valueName: "folder"))
    var data: String?

    @Option(name: .long, help: ArgumentHelp("Where to listen (default 127.0.0.1:7070); port 0 takes any that is free.", valueName: "host:port"))
    var listen: String?

    @Option(name: .long, help: ArgumentHelp("A YAML file with settings (or GRAYLING_CONFIG).", valueName: "file"))
    var config: String?

    @Option(name: .long, help: ArgumentHelp("plain or json (default plain), on standard error.", valueName: "format"))
    var logFormat: String?

    @Option(name: .long, help: ArgumentHelp("trace, debug, info, notice, warning, error or critical (default info).", valueName: "level"))
    var logLevel: String?

    @Option(name: .long, help: ArgumentHelp("How long running transfers may take when stopping (default 30).", valueName: "seconds"))
    var shutdownSeconds: String?

    @Option(name: .long, help: ArgumentHelp("Write the server's address into this file once it is ready.", valueName: "file"))
    var addressFile: String?

    @Option(name: .long, help: ArgumentHelp("Event loops (default 0: one for each core).", valueName: "count"))
    var loops: String?

    @Flag(name: .long, help: "Print all settings with their sources, and stop.")
    var printConfig = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let given: [String: String?] = [
            "data": data, "listen": listen, "log_format": logFormat, "log_level": logLevel, "shutdown_seconds": shutdownSeconds,
            "address_file": addressFile, "loops": loops
        ]
        let fileName = config ?? environment["GRAYLING_CONFIG"]
        let settings = try ServerSettings(
            flags: given.compactMapValues { $0 }, environment: environment, file: fileName.map { try SettingsFile.read($0) } ?? [:],
            fileName: fileName ?? "")
        if printConfig { return Terminal.line(String(settings.description.dropLast())) }
        try await GraylingServer(settings).run()
    }
}
