/// How espeak-ng says the names of stars, where that is not how the dictionary has them or the dictionary does not have them.
enum StarNames {
    static let pronunciations: [String: [String]] = [
        "achernar": ["EY K ER N AA R"],
        "alcor": ["AE L K ER"],
        "aldebaran": ["AO L D IH B AE R AH N"],
        "altair": ["AO L T EH R"],
        "antares": ["AE N T EH R Z"],
        "arcturus": ["AA R K T ER R AH S"],
        "bellatrix": ["B EH L AH T R IH K S"],
        "betelgeuse": ["B IY T AH L JH UW S"],
        "canopus": ["K AE N AA P AH S"],
        "deneb": ["D EH N EH B"],
        "fomalhaut": ["F OW M AH L HH AW T"],
        "hadar": ["HH AE D AA R"],
        "maia": ["M EY AH"],
        "mira": ["M IY ER AH", "M IY AH R AH"],
        "mizar": ["M IH Z AA R"],
        "polaris": ["P OW L AA R IH S"],
        "procyon": ["P R AA S IY AH N"],
        "regulus": ["R EH G Y UH L AH S", "R EH G Y AH L AH S"],
        "vega": ["V IY G AH"],
    ]
}
